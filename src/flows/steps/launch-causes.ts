import type { AbortCause } from '../../core/burst/aborts.ts';
import { type LaunchClass, launchClassOf } from '../../core/burst/errors.ts';
import { launchStepOf } from '../../core/burst/launch.ts';
import type { Refused } from '../../core/errors.ts';
import type { CloudRefusal } from '../../ports/cloud.ts';
import type { IntentResult } from './launch-intent.ts';

// Why a gang was given up, in one sentence for the node's Reason and the job's comment.

export const UNCLEAR: AbortCause = {
  code: 'UnknownOutcome',
  as: 'unknown',
  sentence: 'EC2 gave no clear answer; what may still start is terminated',
};

const NO_ROOM = 'all launches together would be more than EC2 takes now (burst.api_budget.launch)';

export function causeOfResult(result: Extract<IntentResult, { kind: 'clear' }>): AbortCause {
  if (result.roomAtS !== undefined) {
    return { code: result.code, as: 'throttle', sentence: NO_ROOM, retryAtS: result.roomAtS };
  }
  const { request, zone } = launchStepOf(result.intent);
  const types = [...new Set(request.overrides.map(({ instanceType }) => instanceType))].join(', ');
  return {
    code: result.code,
    as: result.as,
    sentence: sentenceOf(result.as, {
      pool: `${request.lifecycle} ${types} in ${zone}`,
      message: result.message,
    }),
  };
}

export function causeOfRefusal({ code, status, message }: CloudRefusal): AbortCause {
  const as = code === 'Deadline' ? 'throttle' : launchClassOf(code, status);
  return { code, as, sentence: sentenceOf(as, { pool: 'this node group', message }) };
}

/** A dearer rung that the account cannot pay; another try may find the cheaper one. */
export function causeOfFunds(refusal: Refused, before: AbortCause | undefined): AbortCause {
  return {
    code: 'insufficient_funds',
    as: before === undefined ? 'funds' : before.as,
    sentence: `the hold does not cover the next price: ${refusal.text}`,
  };
}

/** The next call finds the run's own hold, or says that there is none (burst.md 7.9). */
export const NO_HOLD: AbortCause = {
  code: 'no_hold',
  as: 'ledger',
  sentence: 'the hold has ended before the launch',
};

export const BREAKER_OPEN: AbortCause = {
  code: 'BreakerOpen',
  as: 'capacity',
  sentence: 'EC2 had no capacity for any of the types a moment ago',
};

/** Nothing that the configuration allows could ever become a node of the group. */
export function causeOfNoCandidate(reasons: readonly string[]): AbortCause {
  return {
    code: 'NoCandidate',
    as: 'plan',
    sentence: `no instance type fits the nodes${listed(reasons)}`,
  };
}

/** An interface with EFA is the launch template's affair (burst.md 4.4). */
export function causeOfNoEfa(
  template: { readonly id: string; readonly version: string },
  why: string | undefined,
): AbortCause {
  const { id, version } = template;
  return {
    code: 'NoEfaInterface',
    as: 'plan',
    sentence: `EFA is required${why === undefined ? '' : ` (${why})`}; launch template ${id} version ${version} attaches no EFA interface: add one, or ask with --constraint=efa-preferred`,
  };
}

/** Types fit, but none is to be had now: not offered, spot above its cap, no zone in common. */
export function causeOfNoPool(reasons: readonly string[]): AbortCause {
  return {
    code: 'NoPool',
    as: 'capacity',
    sentence: `nothing to launch in any zone${listed(reasons)}`,
  };
}

const REASONS_SHOWN = 3;

function listed(reasons: readonly string[]): string {
  return reasons.length === 0 ? '' : `: ${reasons.slice(0, REASONS_SHOWN).join('; ')}`;
}

interface Words {
  readonly pool: string;
  readonly message: string;
}

function sentenceOf(as: LaunchClass, { pool, message }: Words): string {
  switch (as) {
    case 'capacity':
      return `no capacity for ${pool}`;
    case 'addresses':
      return `no free addresses in the subnet for ${pool}`;
    case 'quota':
    case 'volume':
      return `the quota of the AWS account is used up for ${pool}`;
    case 'permission':
      return `AWS does not permit the launch: ${message}`;
    case 'request':
      return `EC2 calls the request wrong: ${message}`;
    case 'placement':
      return `the placement group is not usable: ${message}`;
    case 'throttle':
      return 'EC2 had no time for the launch (throttled)';
    case 'unknown':
    case 'idempotency':
      return 'EC2 gave no clear answer';
  }
}
