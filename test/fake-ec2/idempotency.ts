// ClientToken (fake-ec2.md section 5): the same call again gets the first answer again.
import { createHash } from 'node:crypto';
import type { Call } from './engine.ts';
import { ApiError, invalidValue } from './errors.ts';
import type { Remembered } from './state.ts';
import { SECOND_US } from './time.ts';

const TOKEN = /^[\u0021-\u007e]{1,64}$/;

function keyOf(call: Call, token: string): string {
  return `${call.engine.world.region}|${call.action}|${token}`;
}

export function tokenOf(call: Call): string {
  const token = call.params.text('ClientToken') ?? '';
  if (token !== '' && !TOKEN.test(token)) {
    throw invalidValue('ClientToken', token);
  }
  return token;
}

/** All parameters by name, without the token itself and DryRun. */
function hashOf(call: Call): string {
  const rest = [...call.params.flat]
    .filter(([name]) => name !== 'ClientToken' && name !== 'DryRun')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** What the token was used for, or undefined: the call is new. */
export function recall(call: Call): Remembered | undefined {
  const token = tokenOf(call);
  const known = call.engine.state.tokens.get(keyOf(call, token));
  if (token === '' || known === undefined || isExpired(call, known)) {
    return undefined;
  }
  if (known.hash !== hashOf(call)) {
    throw new ApiError(
      'IdempotentParameterMismatch',
      'The client token has been used before with other parameters.',
    );
  }
  return known;
}

export function remember(call: Call, instances: readonly string[], answer: unknown): void {
  const token = tokenOf(call);
  if (token !== '' && !call.isPretence) {
    call.engine.state.tokens.set(keyOf(call, token), {
      hash: hashOf(call),
      atUs: call.engine.state.nowUs,
      instances,
      answer,
    });
  }
}

/** Kept until so long after the last of the call's instances has ended. */
function isExpired(call: Call, known: Remembered): boolean {
  const { state, world } = call.engine;
  let lastUs = known.atUs;
  for (const id of known.instances) {
    const endUs = state.instances.get(id)?.terminatedUs ?? Number.POSITIVE_INFINITY;
    lastUs = Math.max(lastUs, endUs);
  }
  return state.nowUs > lastUs + world.token_retention_s * SECOND_US;
}
