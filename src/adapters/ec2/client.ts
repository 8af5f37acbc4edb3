import { EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';
import type { Settings } from '../../core/config/settings.ts';
import { assert, EXIT, Fault } from '../../core/errors.ts';
import type { ApiBudget } from '../../ports/api-budget.ts';
import type { Credentials } from './credentials.ts';
import { payBudget } from './pay-budget.ts';

export interface Ec2Clients {
  /** CreateFleet, RunInstances, CreatePlacementGroup: all repeats are ours (burst.md 5.6). */
  readonly launching: EC2Client;
  readonly reading: EC2Client;
}

type AwsSettings = Settings['aws'];
type ClientConfig = Pick<EC2ClientConfig, 'endpoint' | 'requestHandler'> & {
  readonly region: string;
};
type CommonConfig = Pick<
  EC2ClientConfig,
  'region' | 'endpoint' | 'credentials' | 'profile' | 'requestHandler'
>;

const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/;

/** What the clients of one run share. */
export interface Shared {
  /** Hears the Date header of every answer, refusals included. */
  readonly onDate: (date: string) => void;
  /** Absent: calls are not counted. */
  readonly budget?: ApiBudget | undefined;
}

export function ec2Clients(
  aws: AwsSettings,
  isTestMode: boolean,
  { onDate, budget }: Shared,
): Ec2Clients {
  const common = commonConfig(aws, isTestMode);
  const launching = new EC2Client({ ...common, maxAttempts: 1 });
  const reading = new EC2Client({
    ...common,
    maxAttempts: aws.retry_max_attempts,
    retryMode: aws.retry_mode,
  });
  for (const client of [launching, reading]) {
    hearDates(client, onDate);
    if (budget !== undefined) {
      payBudget(client, budget);
    }
  }
  return { launching, reading };
}

/** Region, endpoint, credentials and time limits that all clients have. */
export function commonConfig(aws: AwsSettings, isTestMode: boolean): CommonConfig {
  return { ...clientConfig(aws, isTestMode), ...credentialsOf(aws, isTestMode) };
}

/** What a client of any service takes: region, endpoint, time limits. */
function clientConfig(aws: AwsSettings, isTestMode: boolean): ClientConfig {
  return {
    region: aws.region,
    ...(aws.endpoint_url === undefined
      ? {}
      : { endpoint: endpointOf(aws.endpoint_url, isTestMode) }),
    requestHandler: {
      connectionTimeout: aws.connect_timeout,
      requestTimeout: aws.request_timeout,
      // Without this the SDK only prints a warning and waits on.
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
    },
  };
}

const SOCKETS_MAX = 32;

/** A key or an answer of EC2 must not go to a stranger because of one line in a file. */
function endpointOf(url: string, isTestMode: boolean): string {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (!(isTestMode || LOOPBACK.test(host))) {
    throw new Fault(`aws.endpoint_url: ${url} is not on this machine`, {
      exitCode: EXIT.usage,
      advice: 'remove aws.endpoint_url, or set test_mode: true for a fake cloud',
    });
  }
  return url;
}

/** Methods whose code is loaded when the first call needs a key. */
const LAZY: ReadonlySet<string> = new Set(['assume_role', 'cross_account', 'web_identity', 'sso']);

function credentialsOf(aws: AwsSettings, isTestMode: boolean): Partial<EC2ClientConfig> {
  const { authentication_method: method, credentials_profile: profile } = aws;
  if (method === 'access_keys') {
    return { credentials: accessKeys(aws, isTestMode) };
  }
  // A file of the original may name a profile and no method.
  const isInstance = method === 'instance_profile' && profile === undefined;
  if (LAZY.has(method) || isInstance) {
    return { credentials: lazily(aws, isTestMode) };
  }
  return method === 'profile' || profile !== undefined ? { profile: profile ?? 'default' } : {};
}

/** One provider for the life of the client: it keeps what it was given until that ends. */
function lazily(aws: AwsSettings, isTestMode: boolean): Credentials {
  let provider: Credentials | undefined;
  return async () => {
    const { credentialsBy } = await import('./credentials.ts');
    provider ??= credentialsBy(aws, clientConfig(aws, isTestMode));
    assert(provider !== undefined, `no credentials by ${aws.authentication_method}`);
    return await provider();
  };
}

function accessKeys(
  aws: AwsSettings,
  isTestMode: boolean,
): NonNullable<EC2ClientConfig['credentials']> {
  const keys = aws.access_keys;
  if (!isTestMode || keys === undefined) {
    throw new Fault(
      'aws.access_keys: no key belongs in this file; use a profile or the instance role',
      { exitCode: EXIT.usage },
    );
  }
  return {
    accessKeyId: keys.access_key_id,
    secretAccessKey: keys.secret_access_key,
    ...(keys.session_token === undefined ? {} : { sessionToken: keys.session_token }),
  };
}

function hearDates(client: EC2Client, onDate: (date: string) => void): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const date = dateOf(answer.response);
      if (date !== undefined) {
        onDate(date);
      }
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'hearDates' },
  );
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) {
    return undefined;
  }
  // HttpResponse of the SDK: a map of lower-case names to texts.
  const headers = response.headers as Readonly<Record<string, string | undefined>>;
  return headers['date'];
}
