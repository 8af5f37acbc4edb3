// STS lives on the same listener with its own version and envelope.
import type { Call } from './engine.ts';
import { ApiError } from './errors.ts';
import { isoSeconds } from './time.ts';
import type { RoleSpec } from './world.ts';
import type { Xml } from './xml.ts';

interface StsAction {
  readonly accepts: readonly string[];
  /** Without a signature there is no key: a token stands for it. */
  readonly isSigned: boolean;
  readonly run: (call: Call, key: string) => Xml;
}

const SESSION = ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'Policy'];
const US_PER_S = 1_000_000;
const DURATION_S = 3600;

export const STS_ACTIONS: Readonly<Record<string, StsAction>> = {
  GetCallerIdentity: { accepts: [], isSigned: true, run: callerIdentity },
  AssumeRole: { accepts: [...SESSION, 'ExternalId'], isSigned: true, run: assumeRole },
  AssumeRoleWithWebIdentity: {
    accepts: [...SESSION, 'WebIdentityToken'],
    isSigned: false,
    run: assumeByToken,
  },
};

export function isStsAction(action: string): boolean {
  return Object.hasOwn(STS_ACTIONS, action);
}

function callerIdentity(call: Call, key: string): Xml {
  const { account, roles } = call.engine.world;
  const role = roles.find((each) => each.key === key);
  const arn =
    role === undefined ? `arn:aws:iam::${account}:user/fake` : assumedArn(role, 'session');
  return { Arn: arn, UserId: key, Account: account };
}

function assumedArn({ arn }: RoleSpec, session: string): string {
  return `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${session}`;
}

function assumeRole(call: Call): Xml {
  const role = roleOf(call);
  if (role.external_id !== call.params.text('ExternalId')) {
    throw denied('sts:AssumeRole');
  }
  return session(call, role);
}

function assumeByToken(call: Call): Xml {
  const role = roleOf(call);
  if (role.web_token === undefined || role.web_token !== call.params.text('WebIdentityToken')) {
    throw denied('sts:AssumeRoleWithWebIdentity');
  }
  return session(call, role);
}

function roleOf(call: Call): RoleSpec {
  const arn = call.params.need('RoleArn');
  const role = call.engine.world.roles.find((each) => each.arn === arn);
  if (role === undefined) {
    throw denied('sts:AssumeRole');
  }
  return role;
}

function denied(action: string): ApiError {
  return new ApiError('AccessDenied', `User is not authorized to perform: ${action}`, 403);
}

function session(call: Call, role: RoleSpec): Xml {
  const name = call.params.need('RoleSessionName');
  const seconds = Number(call.params.text('DurationSeconds') ?? DURATION_S);
  // People's credentials end by the real clock, which the SDK goes by.
  const endUs = Date.now() * 1000 + seconds * US_PER_S;
  return {
    Credentials: {
      AccessKeyId: role.key,
      SecretAccessKey: 'secret',
      SessionToken: `token-of-${name}`,
      Expiration: isoSeconds(endUs),
    },
    AssumedRoleUser: { AssumedRoleId: `AROA:${name}`, Arn: assumedArn(role, name) },
  };
}
