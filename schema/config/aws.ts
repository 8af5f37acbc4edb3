import { duration, flag, key, type Leaf, oneOf, option, section, text, whole } from './leaf.ts';

// burst.md 2.1.

const METHODS = [
  'default',
  'instance_profile',
  'assume_role',
  'sso',
  'web_identity',
  'cross_account',
  'profile',
  'access_keys',
] as const;
/** Methods that need the block of their name. */
const WITH_BLOCK = ['assume_role', 'sso', 'web_identity', 'cross_account', 'access_keys'] as const;

/** What of its block a method cannot do without; sso can by a profile alone. */
const NEEDED: Readonly<Record<(typeof WITH_BLOCK)[number], readonly string[]>> = {
  assume_role: ['role_arn'],
  sso: ['start_url', 'account_id', 'role_name'],
  web_identity: ['role_arn', 'token_file'],
  cross_account: ['target_role_arn'],
  access_keys: ['access_key_id', 'secret_access_key'],
};

const SDK_REFRESHES = 'the SDK refreshes by itself';
const ROLE_ARN = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/u;

function arn(): Leaf<string> {
  return text('@ must be the ARN of a role', ROLE_ARN);
}

const AssumeRole = section({
  role_arn: option(arn()),
  session_name: option(text()),
  duration_seconds: option(whole(900, 43_200)),
  external_id: option(text()),
  policy: option(text()),
});
const Sso = section({
  profile_name: option(text()),
  start_url: option(text()),
  account_id: option(text()),
  role_name: option(text()),
});
const WebIdentity = section({
  role_arn: option(arn()),
  token_file: option(text()),
  session_name: option(text()),
});
const CrossAccount = section({
  source_profile: option(text()),
  target_role_arn: option(arn()),
  external_id: option(text()),
  session_name: option(text()),
});
const AccessKeys = section({
  access_key_id: key(text('@ must be text', /./u), '', { secret: true }),
  secret_access_key: key(text('@ must be text', /./u), '', { secret: true }),
  session_token: option(text(), { secret: true }),
});

export const Aws = section({
  region: option(text('aws.region is required', /./u), 'needed when there are partitions'),
  credentials_profile: option(text(), 'with authentication_method: profile'),
  authentication_method: key(
    // The text of the original names the value, which a plain list of words cannot.
    text().superRefine((given, context) => {
      if (!METHODS.some((method) => method === given)) {
        context.addIssue({
          code: 'custom',
          message: `unsupported authentication method: ${given}`,
        });
      }
    }),
    'instance_profile',
    METHODS.join(', '),
  ),
  assume_role: option(AssumeRole),
  sso: option(Sso),
  web_identity: option(WebIdentity),
  cross_account: option(CrossAccount),
  access_keys: option(AccessKeys, { comment: 'only with test_mode', secret: true }),
  token_refresh: option(
    section({
      enabled: key(flag(), false, { noEffect: SDK_REFRESHES }),
      refresh_interval_minutes: key(whole(), 0, { noEffect: SDK_REFRESHES }),
      pre_expire_buffer_minutes: key(whole(), 0, { noEffect: SDK_REFRESHES }),
    }),
    { noEffect: SDK_REFRESHES },
  ),
  retry_max_attempts: key(
    whole(1, 10, 'aws.retry_max_attempts must be between 1 and 10'),
    3,
    'reading calls; launches repeat by their own rules',
  ),
  retry_mode: key(
    oneOf(['standard', 'adaptive'], 'aws.retry_mode must be one of: standard, adaptive'),
    'adaptive',
    'standard, adaptive',
  ),
  endpoint_url: option(
    text('aws.endpoint_url must be a URL', /^https?:\/\/[^/\s]+/u),
    'a fake cloud',
  ),
  connect_timeout: key(
    duration(1000, 120_000, 'aws.connect_timeout must be a duration between 1s and 120s'),
    '3s',
  ),
  request_timeout: key(
    duration(1000, 120_000, 'aws.request_timeout must be a duration between 1s and 120s'),
    '20s',
  ),
}).superRefine((aws, context) => {
  const method = WITH_BLOCK.find((each) => each === aws.authentication_method);
  const block: Readonly<Record<string, unknown>> | undefined = method && aws[method];
  if (method === undefined) {
    return;
  }
  if (block === undefined) {
    const message = `${method} configuration required`;
    context.addIssue({ code: 'custom', path: ['authentication_method'], message });
    return;
  }
  const isByProfile = method === 'sso' && (block['profile_name'] ?? '') !== '';
  for (const name of isByProfile ? [] : NEEDED[method]) {
    if ((block[name] ?? '') === '') {
      const message = `aws.${method}.${name} is required`;
      context.addIssue({ code: 'custom', path: [method], message });
    }
  }
});
