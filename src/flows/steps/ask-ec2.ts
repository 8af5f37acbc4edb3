import { type LaunchClass, launchClassOf } from '../../core/burst/errors.ts';
import { launchStepOf } from '../../core/burst/launch.ts';
import type { PoolError } from '../../core/burst/pools.ts';
import type { CameInstance } from '../../core/burst/record.ts';
import type { IntentRow } from '../../core/ledger/rows.ts';
import type { LaunchAnswer } from '../../ports/cloud.ts';
import { type BurstPorts, chance, nowS } from './burst-ports.ts';
import { type Deadline, pause } from './deadline.ts';

const THROTTLE_TRIES_MAX = 10;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 300_000;
const JITTER_MS = 500;
const PLACEMENT_TRIES_MAX = 10;
const PLACEMENT_PAUSE_MS = 1000;
const UNKNOWN_TRIES_MAX = 3;
const MS_PER_SECOND = 1000;
/** The budget is looked at again so often: what another gang did not use comes back to it. */
const BUDGET_PAUSE_MS = 10_000;

/** What EC2 said of one call, all tries together. */
export interface Outcome {
  readonly came: readonly CameInstance[];
  readonly errors: readonly PoolError[];
  readonly message: string;
  readonly fleetId: string;
  /** Epoch seconds: the shared API budget has no room for the call before (burst.md 5.7). */
  readonly roomAtS?: number | undefined;
}

interface Tries {
  throttled: number;
  unplaced: number;
  unknown: number;
  /** An earlier call of this token may have launched. */
  inDoubt: boolean;
}

/** Undefined: nobody knows what came of it. `lost`: the row has been given up meanwhile. */
export type Asked = Outcome | undefined | 'lost';

interface Settled {
  readonly outcome: Asked;
}

export interface AskWork {
  readonly intent: IntentRow;
  /** This very process has just marked it `sent`; else it may have launched already. */
  readonly isFirst: boolean;
  /** Writes `unknown`; false: the row is not ours any more. */
  readonly onDoubt: () => Promise<boolean>;
  /** Before a call is repeated: nobody has given it up. */
  readonly isOurs: () => Promise<boolean>;
}

interface Try {
  readonly work: AskWork;
  readonly tries: Tries;
}

/**
 * Asks EC2 until there is a clear answer (burst.md 5.6). A call without one is looked up by its tag and
 * repeated with its token, never begun anew.
 */
export async function askEc2(work: AskWork, ports: BurstPorts, deadline: Deadline): Promise<Asked> {
  const { intent, isFirst } = work;
  const tries: Tries = { throttled: 0, unplaced: 0, unknown: 0, inDoubt: !isFirst };
  const found = isFirst ? [] : await lookUp(intent, ports);
  if (found.length >= intent.want) {
    return outcomeOf(found);
  }
  while (deadline.leftMs() > 0) {
    const next = await callOnce({ work, tries }, ports, deadline);
    if (next !== 'again') {
      return next.outcome;
    }
    if (!(await work.isOurs())) {
      return 'lost';
    }
  }
  return tries.inDoubt ? undefined : NOT_ASKED;
}

async function callOnce(
  each: Try,
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Settled | 'again'> {
  const { intent } = each.work;
  const answer = await ports.cloud.launch(launchStepOf(intent).request);
  if (answer.kind === 'refused' && answer.roomInMs !== undefined) {
    return await afterNoRoom(answer, answer.roomInMs, each, { ...ports, deadline });
  }
  logAnswer(ports, intent, answer);
  if (answer.kind === 'answered') {
    return { outcome: answered(answer) };
  }
  const as = answer.kind === 'unknown' ? 'unknown' : launchClassOf(answer.code, answer.status);
  each.tries.inDoubt = staysInDoubt(as, each.tries.inDoubt);
  const next = await after(as, each, ports, deadline);
  if (next === 'again') {
    return 'again';
  }
  if (next !== 'stop') {
    return { outcome: next };
  }
  const isUnclear = each.tries.inDoubt || answer.kind === 'unknown';
  return { outcome: isUnclear ? undefined : refusal(answer) };
}

/** EC2 has not seen the call: it waits, which is none of the tries, or ends at once with the time to wait. */
async function afterNoRoom(
  answer: Extract<LaunchAnswer, { kind: 'refused' }>,
  roomInMs: number,
  { work, tries }: Try,
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<Settled | 'again'> {
  const { intentId, jobId, want } = work.intent;
  const seconds = Math.ceil(roomInMs / MS_PER_SECOND);
  ports.log.write('info', 'launch_waits', { intent: intentId, job_id: jobId, want, seconds });
  const isInTime = roomInMs < ports.deadline.leftMs();
  if (isInTime && (await pause(ports, Math.min(roomInMs, BUDGET_PAUSE_MS), ports.deadline))) {
    return 'again';
  }
  return {
    outcome: tries.inDoubt ? undefined : { ...refusal(answer), roomAtS: nowS(ports) + seconds },
  };
}

const NOT_ASKED: Outcome = {
  came: [],
  errors: [{ code: 'RequestLimitExceeded', status: 0, instanceType: '', subnetId: '' }],
  message: 'the time of this hook was over',
  fleetId: '',
};

/** These answers are given before EC2 looks at the token: they say nothing of an earlier call. */
function staysInDoubt(as: LaunchClass, inDoubt: boolean): boolean {
  return as === 'unknown' || (inDoubt && (as === 'throttle' || as === 'permission'));
}

/** What a failed call asks for: again with the same token, stop here, or what a look-up found. */
async function after(
  as: LaunchClass,
  { work, tries }: Try,
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Outcome | 'again' | 'stop' | 'lost'> {
  switch (as) {
    case 'throttle': {
      tries.throttled += 1;
      const wait = backoffMs(tries.throttled) + chance(ports) * JITTER_MS;
      const isOver = tries.throttled >= THROTTLE_TRIES_MAX;
      return !isOver && (await pause(ports, wait, deadline)) ? 'again' : 'stop';
    }
    case 'placement': {
      tries.unplaced += 1;
      const isOver = tries.unplaced >= PLACEMENT_TRIES_MAX;
      return !isOver && (await pause(ports, PLACEMENT_PAUSE_MS, deadline)) ? 'again' : 'stop';
    }
    case 'unknown': {
      tries.unknown += 1;
      return (await work.onDoubt())
        ? await afterUnknown(work.intent, tries, ports, deadline)
        : 'lost';
    }
    case 'idempotency': {
      const found = await lookUp(work.intent, ports);
      return found.length === 0 ? 'stop' : outcomeOf(found);
    }
    case 'capacity':
    case 'addresses':
    case 'quota':
    case 'volume':
    case 'permission':
    case 'request':
      return 'stop';
  }
}

async function afterUnknown(
  intent: IntentRow,
  tries: Tries,
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Outcome | 'again' | 'stop'> {
  const wait = ports.settings.burst.reconcile_gap * MS_PER_SECOND;
  if (!(await pause(ports, wait, deadline))) {
    return 'stop';
  }
  const found = await lookUp(intent, ports);
  if (found.length >= intent.want) {
    return outcomeOf(found);
  }
  return tries.unknown < UNKNOWN_TRIES_MAX ? 'again' : 'stop';
}

function backoffMs(tries: number): number {
  return Math.min(BACKOFF_FIRST_MS * 2 ** (tries - 1), BACKOFF_MAX_MS);
}

/** None also when the question fails: the repeat with the same token tells. */
async function lookUp(intent: IntentRow, ports: BurstPorts): Promise<readonly CameInstance[]> {
  const cluster = ports.settings.slurm.cluster_name;
  const { intentId } = intent;
  try {
    return await ports.cloud.instances({ by: 'intent', cluster, intentId });
  } catch (error) {
    ports.log.write('warn', 'launch_lookup_failed', {
      intent: intentId,
      msg: error instanceof Error ? error.message : String(error),
    });
    return [];
  }
}

function outcomeOf(came: readonly CameInstance[]): Outcome {
  return { came, errors: [], message: '', fleetId: '' };
}

function answered(answer: Extract<LaunchAnswer, { kind: 'answered' }>): Outcome {
  const errors = answer.errors.map(({ code, instanceType, subnetId, lifecycle }) => ({
    code,
    status: 0,
    instanceType,
    subnetId,
    lifecycle,
  }));
  const message = answer.errors[0]?.message ?? '';
  return { came: answer.instances, errors, message, fleetId: answer.fleetId };
}

function refusal(answer: Extract<LaunchAnswer, { kind: 'refused' }>): Outcome {
  const { code, status, message } = answer;
  const errors = [{ code, status, instanceType: '', subnetId: '' }];
  return { came: [], errors, message, fleetId: '' };
}

function logAnswer({ log }: BurstPorts, intent: IntentRow, answer: LaunchAnswer): void {
  const base = { intent: intent.intentId, job_id: intent.jobId, want: intent.want };
  switch (answer.kind) {
    case 'answered':
      log.write('info', 'launch_answered', {
        ...base,
        came: answer.instances.length,
        fleet: answer.fleetId,
        errors: [...new Set(answer.errors.map(({ code }) => code))].join(','),
      });
      break;
    case 'refused':
      log.write('warn', 'launch_refused', { ...base, code: answer.code, msg: answer.message });
      break;
    case 'unknown':
      log.write('warn', 'launch_unknown', { ...base, msg: answer.message });
      break;
  }
}
