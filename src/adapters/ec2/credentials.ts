import {
  fromIni,
  fromInstanceMetadata,
  fromSSO,
  fromTemporaryCredentials,
  fromTokenFile,
} from '@aws-sdk/credential-providers';
import type { Settings } from '../../core/config/settings.ts';
import { EXIT, Fault } from '../../core/errors.ts';

// The authentication methods of burst.md 2.1. Loaded when credentials are first asked for.

type AwsSettings = Settings['aws'];

/** As the SDK takes it; it renews what has an end by asking again. */
export type Credentials = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}>;

/** What STS is asked with: region, endpoint and time limits of the other clients. */
type StsConfig = NonNullable<
  NonNullable<Parameters<typeof fromTemporaryCredentials>[0]>['clientConfig']
>;

const SESSION = 'asbb';
const METADATA_MS = 1000;
const METADATA_RETRIES = 2;

/** Undefined: the SDK's own chain (environment, files, container, instance). */
export function credentialsBy(aws: AwsSettings, sts: StsConfig): Credentials | undefined {
  switch (aws.authentication_method) {
    case 'instance_profile':
      return ofInstance(
        fromInstanceMetadata({ timeout: METADATA_MS, maxRetries: METADATA_RETRIES }),
      );
    case 'assume_role':
      return assumedRole(aws, sts);
    case 'cross_account':
      return crossAccount(aws, sts);
    case 'web_identity':
      return webIdentity(aws, sts);
    case 'sso':
      return sso(aws);
    default:
      return undefined;
  }
}

/** Where no instance metadata answer there are no credentials; that is no network which may heal. */
function ofInstance(metadata: Credentials): Credentials {
  return async () => {
    try {
      return await metadata();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const error = new Error(`no instance profile: ${why}`, { cause });
      error.name = 'CredentialsProviderError'; // as the SDK calls it
      throw error;
    }
  };
}

function assumedRole(
  { assume_role: role, credentials_profile }: AwsSettings,
  sts: StsConfig,
): Credentials {
  return fromTemporaryCredentials({
    ...(credentials_profile === undefined
      ? {}
      : { masterCredentials: fromIni({ profile: credentials_profile }) }),
    params: {
      RoleArn: given(role?.role_arn, 'aws.assume_role.role_arn'),
      RoleSessionName: role?.session_name ?? SESSION,
      ...(role?.duration_seconds === undefined ? {} : { DurationSeconds: role.duration_seconds }),
      ...(role?.external_id === undefined ? {} : { ExternalId: role.external_id }),
      ...(role?.policy === undefined ? {} : { Policy: role.policy }),
    },
    clientConfig: sts,
  });
}

function crossAccount({ cross_account: role }: AwsSettings, sts: StsConfig): Credentials {
  return fromTemporaryCredentials({
    ...(role?.source_profile === undefined
      ? {}
      : { masterCredentials: fromIni({ profile: role.source_profile }) }),
    params: {
      RoleArn: given(role?.target_role_arn, 'aws.cross_account.target_role_arn'),
      RoleSessionName: role?.session_name ?? SESSION,
      ...(role?.external_id === undefined ? {} : { ExternalId: role.external_id }),
    },
    clientConfig: sts,
  });
}

function webIdentity({ web_identity: identity }: AwsSettings, sts: StsConfig): Credentials {
  return fromTokenFile({
    webIdentityTokenFile: given(identity?.token_file, 'aws.web_identity.token_file'),
    roleArn: given(identity?.role_arn, 'aws.web_identity.role_arn'),
    roleSessionName: identity?.session_name ?? SESSION,
    clientConfig: sts,
  });
}

/** The token comes from `aws sso login`. */
function sso({ sso: session, region }: AwsSettings): Credentials {
  return session?.profile_name === undefined
    ? fromSSO({
        ssoStartUrl: given(session?.start_url, 'aws.sso.start_url'),
        ssoAccountId: given(session?.account_id, 'aws.sso.account_id'),
        ssoRoleName: given(session?.role_name, 'aws.sso.role_name'),
        ssoRegion: region,
      })
    : fromIni({ profile: session.profile_name });
}

function given(value: string | undefined, key: string): string {
  if (value === undefined || value === '') {
    throw new Fault(`${key} is missing`, {
      exitCode: EXIT.usage,
      advice: 'see asbb config validate',
    });
  }
  return value;
}
