import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ec2Site } from '../../src/adapters/ec2/ec2-site.ts';
import { SUBNET_A, WORLD } from '../burst/support/site.ts';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { settingsFor } from './support.ts';

// Every authentication method of burst.md 2.1 gives credentials that EC2 takes. The fake knows the keys of
// roles, and beside them the one key that a row names: who is signed in otherwise is refused.

const ROLE = 'arn:aws:iam::111122223333:role';
const START_URL = 'https://example.awsapps.com/start';
const dir = mkdtempSync(join(tmpdir(), 'asbb-credentials-'));
let fake: FakeEc2;
let metadata: Server;
let portal: Server;

function listening(answer: (path: string) => string | undefined): Promise<Server> {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? '');
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function urlOf(server: Server): string {
  // Listening on TCP: an address, not a path.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString();
const INSTANCE_KEYS = JSON.stringify({
  Code: 'Success',
  AccessKeyId: 'INSTANCE',
  SecretAccessKey: 'secret',
  Token: 'token',
  Expiration: IN_AN_HOUR,
});
const SSO_KEYS = JSON.stringify({
  roleCredentials: {
    accessKeyId: 'SSO',
    secretAccessKey: 'secret',
    sessionToken: 'token',
    expiration: Date.now() + 3_600_000,
  },
});

beforeAll(async () => {
  fake = await startFakeEc2({
    ...WORLD,
    roles: [
      { arn: `${ROLE}/head`, key: 'ASSUMED', external_id: 'abc' },
      { arn: `${ROLE}/plain`, key: 'PLAIN' },
      { arn: `${ROLE}/web`, key: 'WEB', web_token: 'a.web.token' },
    ],
  });
  metadata = await listening((path) => {
    const role = '/latest/meta-data/iam/security-credentials/';
    if (path === '/latest/api/token' || path === role) {
      return path === role ? 'head-node' : 'token';
    }
    return path === `${role}head-node` ? INSTANCE_KEYS : undefined;
  });
  portal = await listening((path) =>
    path.startsWith('/federation/credentials?') && path.includes('role_name=hpc')
      ? SSO_KEYS
      : undefined,
  );
  mkdirSync(join(dir, '.aws/sso/cache'), { recursive: true });
  const cached = { accessToken: 'sso-token', expiresAt: IN_AN_HOUR, region: 'us-east-1' };
  const name = createHash('sha1').update(START_URL).digest('hex');
  writeFileSync(join(dir, `.aws/sso/cache/${name}.json`), JSON.stringify(cached));
  writeFileSync(
    join(dir, 'credentials'),
    '[default]\naws_access_key_id = BASE\naws_secret_access_key = s\n' +
      '[hpc]\naws_access_key_id = PROFILE\naws_secret_access_key = s\n',
  );
  writeFileSync(
    join(dir, 'config'),
    `[profile people]\nsso_start_url = ${START_URL}\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = hpc\n`,
  );
  writeFileSync(join(dir, 'token'), 'a.web.token');
});

afterAll(async () => {
  await fake?.stop();
  metadata?.close();
  portal?.close();
  rmSync(dir, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

beforeEach(async () => {
  await fake.reset();
  await fake.world({ keys: ['BASE'] });
  vi.stubEnv('HOME', dir);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(dir, 'credentials'));
  vi.stubEnv('AWS_CONFIG_FILE', join(dir, 'config'));
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', urlOf(metadata));
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', urlOf(portal));
  vi.stubEnv('AWS_ACCESS_KEY_ID', '');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
});

function site(aws: Readonly<Record<string, unknown>>): Ec2Site {
  const settings = settingsFor(fake.url, { access_keys: undefined, ...aws });
  return new Ec2Site(settings);
}

const TRUSTED = { role_arn: `${ROLE}/head`, external_id: 'abc', duration_seconds: 900 };

describe('aws.authentication_method (burst.md 2.1)', () => {
  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['default', 'BASE', {}],
    ['instance_profile', 'INSTANCE', {}],
    ['profile', 'PROFILE', { credentials_profile: 'hpc' }],
    ['profile', 'BASE', {}],
    ['assume_role', 'BASE', { assume_role: TRUSTED }],
    [
      'assume_role',
      'PROFILE',
      {
        credentials_profile: 'hpc',
        assume_role: { role_arn: `${ROLE}/plain`, session_name: 'hpc1', policy: '{}' },
      },
    ],
    [
      'cross_account',
      'PROFILE',
      {
        cross_account: {
          source_profile: 'hpc',
          target_role_arn: `${ROLE}/head`,
          external_id: 'abc',
        },
      },
    ],
    [
      'web_identity',
      'nobody',
      { web_identity: { role_arn: `${ROLE}/web`, token_file: join(dir, 'token') } },
    ],
    ['sso', 'SSO', { sso: { start_url: START_URL, account_id: '111122223333', role_name: 'hpc' } }],
    ['sso', 'SSO', { sso: { profile_name: 'people' } }],
    ['access_keys', 'BASE', { access_keys: { access_key_id: 'BASE', secret_access_key: 's' } }],
  ])('%s: signs as %s', async (authenticationMethod, key, more) => {
    await fake.world({ keys: [key] });
    const asking = site({ authentication_method: authenticationMethod, ...more });
    expect(await asking.subnet(SUBNET_A)).toMatchObject({ zone: 'us-east-1a' });
    expect(await asking.caller()).toMatchObject({ account: '111122223333' });
  });

  it('asks for a role once, however many calls follow', async () => {
    const asking = site({ authentication_method: 'assume_role', assume_role: TRUSTED });
    await asking.subnet(SUBNET_A);
    await asking.subnet(SUBNET_A);
    expect(await fake.callsOf('AssumeRole')).toHaveLength(1);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'the role is not trusted',
      { assume_role: { ...TRUSTED, external_id: 'other' } },
      'AccessDenied',
    ],
    ['the role is unknown', { assume_role: { role_arn: `${ROLE}/none` } }, 'AccessDenied'],
  ])('says why when %s', async (_, aws, code) => {
    const asking = site({ authentication_method: 'assume_role', ...aws });
    expect(await asking.caller()).toMatchObject({ code });
  });

  it('without any credentials says so, and does not take those of the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'BASE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's');
    vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'http://127.0.0.1:9');
    const asking = site({ authentication_method: 'instance_profile' });
    expect(await asking.caller()).toMatchObject({ code: 'NoCredentials' });
  });
});
