import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Ec2Site } from '../../../src/adapters/ec2/ec2-site.ts';
import { SqliteLedgerCare } from '../../../src/adapters/sqlite/sqlite-care.ts';
import { ExecaRun } from '../../../src/adapters/system/execa-run.ts';
import { LocalFiles } from '../../../src/adapters/system/local-files.ts';
import { shippedLua } from '../../../src/adapters/system/shipped.ts';
import { iamPolicyActions } from '../../../src/core/burst/iam-policy.ts';
import { onDemandRates } from '../../../src/core/burst/prices.ts';
import type { Check } from '../../../src/core/burst/validate/check.ts';
import type { Settings } from '../../../src/core/config/settings.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { slurmConfText } from '../../../src/core/slurm/conf/lines.ts';
import { luaText } from '../../../src/core/slurm/conf/lua.ts';
import {
  type BurstValidatePorts,
  liveChecks,
  validateIntegration,
} from '../../../src/flows/burst-validate.ts';
import type { SlurmNode } from '../../../src/ports/slurm.ts';
import type { WorldInput } from '../../fake-ec2/world.ts';
import { temporaryPlace } from '../../support/place.ts';
import { exampleSettings } from '../../support/settings.ts';
import { nodeNames, type Site, SUBNET_A, SUBNET_B, startSite, WORLD } from '../support/site.ts';

// burst.md 1.5: everything that can be wrong with a site is found, by the id of its check, with a fix.

const dir = mkdtempSync(join(tmpdir(), 'asbb-validate-'));
const template = await shippedLua();
const SELF = ['/usr/bin/asbb'];
const TEMPLATE = 'lt-0a11ce00000000009';
const GROUP = {
  node_group_name: 'cpu',
  max_nodes: 4,
  purchasing_option: 'on-demand',
  launch_template_specification: { launch_template_name: 'asbb-whole', version: '$Latest' },
  launch_template_overrides: [{ instance_type: 'c5.xlarge', on_demand_price: '0.17' }],
  subnet_ids: [SUBNET_A, SUBNET_B],
  security_group_ids: ['sg-0a11ce00000000001'],
  slurm_specifications: { CPUs: '4', RealMemory: '7000', Feature: 'od' },
};

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function program(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

interface Wrong {
  /** Keys of the node group. */
  readonly group?: Readonly<Record<string, unknown>>;
  readonly world?: WorldInput;
  readonly settings?: (settings: Settings) => Settings;
  readonly ports?: (ports: BurstValidatePorts) => Partial<BurstValidatePorts>;
  readonly nodes?: (nodes: readonly SlurmNode[]) => readonly SlurmNode[];
  readonly version?: string;
}

function settingsOf(site: Site, group: object): Settings {
  const libexec = join(dir, 'libexec');
  mkdirSync(libexec, { recursive: true });
  for (const name of ['resume', 'suspend', 'resume-fail', 'epilog', 'reboot']) {
    program(`libexec/${name}`, '#!/bin/sh\n');
  }
  const settings = exampleSettings({
    test_mode: true,
    aws: {
      endpoint_url: site.fake.url,
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'none' },
      retry_mode: 'standard',
      request_timeout: '5s',
    },
    cost: { data_dir: join(dir, 'costs') },
    absa: { command: program('absa', '#!/bin/sh\necho absa 1.2.0\n') },
    slurm: {
      config_path: join(dir, 'slurm.conf'),
      state_dir: dir,
      resume_program: join(libexec, 'resume'),
      suspend_program: join(libexec, 'suspend'),
      partitions: [
        {
          partition_name: 'aws',
          partition_options: { DefaultTime: '01:00:00' },
          node_groups: [{ ...GROUP, ...group }],
        },
      ],
    },
  });
  return { ...settings, cost: { ...settings.cost, discount_percent: {} } };
}

function cloudNodes(): readonly SlurmNode[] {
  return nodeNames('cpu', 1, 4).map((name) => ({
    name,
    state: 'IDLE',
    flags: ['CLOUD', 'POWERED_DOWN'],
    address: name,
    hostname: name,
    partitions: ['aws'],
    reason: '',
    cpus: 4,
    realMemoryMib: 7000,
    features: ['od', 'efa'],
    gres: '',
  }));
}

/** slurm.conf and job_submit.lua as `asbb slurm conf` prints them. */
function writeConf(settings: Settings): void {
  const lua = luaText(settings, { template, self: SELF });
  writeFileSync(join(dir, 'job_submit.lua'), isRefused(lua) ? '' : lua);
  const text = `${slurmConfText(settings)}JobAcctGatherType=jobacct_gather/linux\n`;
  writeFileSync(join(dir, 'slurm.conf'), text);
}

let shared: Site | undefined;

async function portsOf(wrong: Wrong): Promise<BurstValidatePorts> {
  shared ??= await startSite({ atEnd: afterAll });
  const site = shared;
  await site.fake.reset();
  await site.fake.world({ ...HEALTHY, ...wrong.world });
  const first = settingsOf(site, wrong.group ?? {});
  writeConf(first);
  const settings = wrong.settings?.(first) ?? first;
  const ports = portsWith(site, settings, wrong);
  return { ...ports, ...wrong.ports?.(ports) };
}

function portsWith(site: Site, settings: Settings, wrong: Wrong = {}): BurstValidatePorts {
  const { clock, place } = site.books;
  return {
    settings,
    clock,
    template,
    self: SELF,
    slurm: {
      version: () => Promise.resolve(wrong.version ?? '22.05.8'),
      nodes: () => Promise.resolve(wrong.nodes?.(cloudNodes()) ?? cloudNodes()),
    },
    site: new Ec2Site(settings),
    care: new SqliteLedgerCare({ place, clock, actor: ACTOR }),
    files: new LocalFiles(),
    run: new ExecaRun(),
    rateOf: () => onDemandRates(settings, undefined),
    hasReboot: true,
  };
}

const ACTOR = { uid: 0, name: 'test' };
const AMI = 'ami-0a11ce00000000001';
const TEMPLATE_DATA = {
  ImageId: AMI,
  SecurityGroupIds: ['sg-0a11ce00000000001'],
  MetadataOptions: { InstanceMetadataTags: 'enabled', HttpTokens: 'required' },
  InstanceInitiatedShutdownBehavior: 'terminate',
};
/** The world of these tests, all that rows change included: the fake is shared. */
const HEALTHY: WorldInput = {
  keys: ['FAKE1'],
  deny: [],
  zones: WORLD.zones ?? [],
  subnets: WORLD.subnets ?? [],
  types: WORLD.types ?? [],
  images: [{ id: AMI }],
  security_groups: [{ id: 'sg-0a11ce00000000001' }],
  placement_groups: [],
  launch_templates: [{ id: TEMPLATE, name: 'asbb-whole', versions: [TEMPLATE_DATA] }],
};

let templates = 0;

/** A launch template of its own, and the node group that names it. */
function templateOf(data: Readonly<Record<string, unknown>>): Wrong {
  templates += 1;
  const [id, name] = [`lt-0b${String(templates).padStart(15, '0')}`, `asbb-t${templates}`];
  return {
    world: { launch_templates: [{ id, name, versions: [{ ...TEMPLATE_DATA, ...data }] }] },
    group: { launch_template_specification: { launch_template_name: name, version: '1' } },
  };
}

function wrongOnes(checks: readonly Check[]): readonly string[] {
  return checks
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ severity, id }) => `${severity} ${id}`);
}

describe('a site in order', () => {
  it('has no errors, and every check of 1.5 looked at something', async () => {
    const checks = await validateIntegration(await portsOf({}));
    expect(wrongOnes(checks)).toEqual([]);
    const ids = new Set(checks.map(({ id }) => id));
    expect([...ids]).toEqual([
      ...['config', 'ledger', 'slurm-version', 'slurm-conf'],
      ...['CONF-SlurmctldParameters', 'nodes', 'caller', 'clock', 'permission', 'subnet'],
      ...['security-group', 'launch-template', 'image', 'instance-type', 'placement-groups'],
      ...['vcpu-quota', 'cost-dir', 'prices', 'advisor'],
    ]);
    expect(checks.filter(({ id }) => id === 'permission').map(({ path }) => path)).toEqual(
      iamPolicyActions(true).map((action) => `ec2:${action}`),
    );
    const fixless = checks.filter(({ severity, fix }) => severity !== 'ok' && fix === '');
    expect(fixless).toEqual([]);
  });

  it('--live looks at SLURM and AWS alone, and changes neither', async () => {
    const site = await startSite();
    await site.fake.world(HEALTHY);
    const settings = settingsOf(site, {});
    writeConf(settings);
    const before = await site.fake.state();
    expect(wrongOnes(await liveChecks(portsWith(site, settings)))).toEqual([]);
    expect(await site.fake.state()).toEqual(before);
  });
});

describe('whatever is wrong is found (burst.md 1.5)', () => {
  it.each<[string, Wrong, readonly string[]]>([
    ['SLURM too old', { version: '21.08.8' }, ['error CONF-version']],
    [
      'slurm.conf of another rate',
      { settings: (s) => ({ ...s, slurm: { ...s.slurm, resume_rate: 10 } }) },
      ['error CONF-ResumeRate'],
    ],
    [
      'no slurm.conf',
      { settings: (s) => ({ ...s, slurm: { ...s.slurm, config_path: '/nonexistent/slurm.conf' } }) },
      ['error slurm-conf'],
    ],
    ['nodes that SLURM does not know', { nodes: (n) => n.slice(2) }, ['error nodes']],
    [
      'nodes that are no cloud nodes',
      { nodes: (n) => n.map((node) => ({ ...node, flags: [] })) },
      ['error nodes'],
    ],
    [
      'nodes of another size',
      { nodes: (n) => n.map((node, at) => (at === 0 ? { ...node, cpus: 2 } : node)) },
      ['error nodes'],
    ],
    [
      'nodes without their feature',
      { nodes: (n) => n.map((node) => ({ ...node, features: ['efa'] })) },
      ['error nodes'],
    ],
    ['an unknown subnet', { group: { subnet_ids: [SUBNET_A, 'subnet-9'] } }, ['error subnet']],
    [
      'two subnets of one zone',
      {
        group: { subnet_ids: ['subnet-0b1', 'subnet-0b2'] },
        world: {
          subnets: [
            ...(WORLD.subnets ?? []),
            { id: 'subnet-0b1', az: 'us-east-1a', cidr: '10.1.0.0/18' },
            { id: 'subnet-0b2', az: 'us-east-1a', cidr: '10.1.64.0/18' },
          ],
        },
      },
      ['error subnet-zone'],
    ],
    [
      'too few addresses',
      {
        group: { max_nodes: 600, subnet_ids: ['subnet-0c1', 'subnet-0c2'] },
        world: {
          subnets: [
            ...(WORLD.subnets ?? []),
            { id: 'subnet-0c1', az: 'us-east-1a', cidr: '10.2.0.0/24' },
            { id: 'subnet-0c2', az: 'us-east-1b', cidr: '10.2.1.0/24' },
          ],
        },
        nodes: (n) => nodeNames('cpu', 1, 600).map((name) => ({ ...n[0], name }) as SlurmNode),
      },
      ['error subnet-addresses'],
    ],
    [
      'too few addresses in one zone',
      {
        group: { max_nodes: 300, subnet_ids: ['subnet-0d1', 'subnet-0d2'] },
        world: {
          subnets: [
            ...(WORLD.subnets ?? []),
            { id: 'subnet-0d1', az: 'us-east-1a', cidr: '10.2.0.0/24' },
            { id: 'subnet-0d2', az: 'us-east-1b', cidr: '10.2.1.0/24' },
          ],
        },
        nodes: (n) => nodeNames('cpu', 1, 300).map((name) => ({ ...n[0], name }) as SlurmNode),
      },
      ['warning subnet-addresses'],
    ],
    [
      'a template version that does not exist',
      {
        group: { launch_template_specification: { launch_template_id: TEMPLATE, version: '7' } },
      },
      ['error launch-template'],
    ],
    [
      'an unknown template',
      {
        group: { launch_template_specification: { launch_template_name: 'x', version: '1' } },
      },
      ['error launch-template'],
    ],
    [
      'a template whose nodes never learn their name',
      templateOf({ MetadataOptions: { HttpTokens: 'required' } }),
      ['warning template-tags'],
    ],
    [
      'a template that stops instead of terminating, with open metadata',
      templateOf({
        MetadataOptions: { InstanceMetadataTags: 'enabled' },
        InstanceInitiatedShutdownBehavior: 'stop',
      }),
      ['warning template-tokens', 'warning template-shutdown'],
    ],
    ['an unknown image', templateOf({ ImageId: 'ami-9' }), ['error image']],
    [
      'an image that is not ready',
      { world: { images: [{ id: AMI, state: 'pending' }] } },
      ['error image'],
    ],
    [
      'an image for another architecture',
      { world: { images: [{ id: AMI, arch: 'arm64' }] } },
      ['error image-architecture'],
    ],
    [
      'a security group of another VPC',
      { world: { security_groups: [{ id: 'sg-0a11ce00000000001', vpc: 'vpc-9' }] } },
      ['error security-group'],
    ],
    [
      'an unknown security group, and not the template’s',
      { group: { security_group_ids: ['sg-9'] } },
      ['error security-group', 'error template-groups'],
    ],
    [
      'a type that the region has not, and without a price',
      { group: { launch_template_overrides: [{ instance_type: 'm9.large' }] } },
      ['error instance-type', 'error prices'],
    ],
    [
      'a type that no zone of ours has',
      {
        world: {
          types: (WORLD.types ?? []).map((type) => ({ ...type, zones: ['us-east-1c'] })),
          zones: [...(WORLD.zones ?? []), { name: 'us-east-1c', id: 'use1-az3' }],
        },
      },
      ['error instance-type-zone'],
    ],
    [
      'a type that one zone lacks',
      { world: { types: (WORLD.types ?? []).map((type) => ({ ...type, zones: ['us-east-1a'] })) } },
      ['warning instance-type-zone'],
    ],
    [
      'a type that is not sold as spot',
      {
        group: { purchasing_option: 'spot' },
        world: { types: (WORLD.types ?? []).map((type) => ({ ...type, usage: ['on-demand'] })) },
      },
      ['warning instance-type-spot'],
    ],
    [
      'a placement group too many',
      {
        world: {
          placement_groups: Array.from({ length: 460 }, (_, at) => ({
            name: `g${at}`,
            strategy: 'cluster',
          })),
        },
      },
      ['warning placement-groups'],
    ],
    [
      'a clock that is a little wrong',
      { ports: ({ clock }) => ({ clock: { nowUs: () => clock.nowUs() + 61_000_000 } }) },
      ['warning clock'],
    ],
    [
      'a clock that is wrong',
      { ports: ({ clock }) => ({ clock: { nowUs: () => clock.nowUs() - 301_000_000 } }) },
      ['error clock'],
    ],
    [
      'a cost directory in a place of others',
      { settings: (s) => ({ ...s, cost: { ...s.cost, data_dir: '/proc/1/costs' } }) },
      ['error cost-dir'],
    ],
    [
      'an advisor that must be there and is not',
      { settings: (s) => ({ ...s, absa: { ...s.absa, enabled: 'true', command: 'absa-9' } }) },
      ['error advisor'],
    ],
    [
      'an advisor that fails',
      {
        settings: (s) => ({
          ...s,
          absa: { ...s.absa, command: program('bad', '#!/bin/sh\nexit 3\n') },
        }),
      },
      ['error advisor'],
    ],
    [
      'a ledger that is not there',
      {
        ports: ({ clock }) => ({
          care: new SqliteLedgerCare({
            place: temporaryPlace(join(dir, 'nothing')),
            clock,
            actor: ACTOR,
          }),
        }),
      },
      ['error ledger'],
    ],
  ])('%s', async (_, wrong, expected) => {
    const checks = await validateIntegration(await portsOf(wrong));
    expect(wrongOnes(checks)).toEqual(expected);
    for (const { severity, message, fix } of checks) {
      expect(message).not.toBe('');
      expect(severity === 'ok' || fix !== '').toBe(true);
    }
  });

  it('EC2 that cannot be reached: one sentence what to do, and the rest is still looked at', async () => {
    const ports = await portsOf({
      settings: (s) => ({ ...s, aws: { ...s.aws, endpoint_url: 'http://127.0.0.1:9' } }),
    });
    const checks = await validateIntegration(ports);
    const caller = checks.find(({ id }) => id === 'caller');
    expect(caller).toMatchObject({ severity: 'error', fix: expect.stringContaining('port 443') });
    expect(checks.find(({ id }) => id === 'nodes')).toMatchObject({ severity: 'ok' });
    expect(checks.find(({ id }) => id === 'prices')).toMatchObject({ severity: 'ok' });
  });

  it('keys that AWS does not know', async () => {
    const ports = await portsOf({ world: { keys: ['OTHER'] } });
    const checks = await validateIntegration(ports);
    expect(checks.find(({ id }) => id === 'caller')).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('AuthFailure'),
    });
  });
});

describe('each permission of 5.8, by dry run', () => {
  it('says of each that it is denied, and never does it', async () => {
    const site = await startSite();
    await site.start(await site.submit(), nodeNames('cpu', 1, 1));
    const before = await site.fake.state();
    await site.fake.world({ ...HEALTHY, deny: [{ action: '*', where: { DryRun: 'true' } }] });
    const settings = settingsOf(site, {});
    writeConf(settings);
    const checks = await liveChecks(portsWith(site, settings));
    expect(checks.filter(({ id }) => id === 'permission')).toEqual(
      iamPolicyActions(true).map((action) => ({
        id: 'permission',
        severity: 'error',
        path: `ec2:${action}`,
        message: `UnauthorizedOperation: You are not authorized to perform this operation: ${action}.`,
        fix: 'attach the policy that asbb burst iam-policy prints',
      })),
    );
    const { instances, groups, fleets } = await site.fake.state();
    expect({ instances, groups, fleets }).toEqual({
      instances: before.instances,
      groups: before.groups,
      fleets: before.fleets,
    });
  });

  it('of one alone', async () => {
    const deny = [{ action: 'CreateFleet', where: { DryRun: 'true' } }];
    const checks = await liveChecks(await portsOf({ world: { deny } }));
    expect(wrongOnes(checks)).toEqual(['error permission']);
  });

  it('without an instance, calls on instances are not tried, and nothing is said against them', async () => {
    const checks = await liveChecks(await portsOf({}));
    const untried = checks.filter(({ id, severity }) => id === 'permission' && severity !== 'ok');
    expect(untried.map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      'skipped ec2:CreateTags',
      'skipped ec2:TerminateInstances',
      'skipped ec2:RebootInstances',
    ]);
  });
});
