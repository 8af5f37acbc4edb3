import { type LaunchClass, launchClassOf, leadingCode } from '../../core/burst/errors.ts';
import { launchStepOf } from '../../core/burst/launch.ts';
import type { PoolError } from '../../core/burst/pools.ts';
import {
  type CameInstance,
  type LaunchRecord,
  launchQuery,
  ROWS_MAX,
  recordArrivals,
  recordFailed,
  recordLaunched,
  recordSent,
  recordUnknown,
} from '../../core/burst/record.ts';
import type { IntentRow } from '../../core/ledger/rows.ts';
import type { LaunchAnswer } from '../../ports/cloud.ts';
import { type BurstPorts, chance } from './burst-ports.ts';
import { type Deadline, deadlineIn, pause } from './deadline.ts';
import { note } from './decide-burst.ts';
import { spoolQuietly } from './spool-quietly.ts';
import { terminateOnly } from './terminate-instances.ts';

/** What came of one intent. `lost`: another process has it in hand. `unclear`: it stays `unknown`. */
export type IntentResult =
  | {
      readonly kind: 'clear';
      readonly intent: IntentRow;
      readonly came: readonly CameInstance[];
      /** '' when all came. */
      readonly code: string;
      readonly as: LaunchClass;
      readonly message: string;
      /** '' when there is none. */
      readonly fleetId: string;
    }
  | { readonly kind: 'unclear' | 'lost'; readonly intent: IntentRow };

const THROTTLE_TRIES_MAX = 10;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 300_000;
const JITTER_MS = 500;
const PLACEMENT_TRIES_MAX = 10;
const PLACEMENT_PAUSE_MS = 1000;
const UNKNOWN_TRIES_MAX = 3;
const MS_PER_SECOND = 1000;
const END_MS = 30_000;

/**
 * Makes the call of one intent, `sent` before it, the outcome after it (burst.md 5.1 step 7). A call
 * without a clear answer is looked up by its tag and repeated with its token, never begun anew.
 */
export async function launchIntent(
  intent: IntentRow,
  ports: BurstPorts,
  deadline: Deadline,
): Promise<IntentResult> {
  const isFirst = intent.state === 'planned';
  if (isFirst && (await say(ports, intent, 'sent')) === 'lost') {
    return { kind: 'lost', intent };
  }
  const outcome = await ask({ intent, isFirst }, ports, deadline);
  if (outcome === undefined) {
    await say(ports, intent, 'unknown');
    return { kind: 'unclear', intent };
  }
  return await keep(intent, outcome, ports);
}

interface Outcome {
  readonly came: readonly CameInstance[];
  readonly errors: readonly PoolError[];
  readonly message: string;
  readonly fleetId: string;
}

interface Tries {
  throttled: number;
  unplaced: number;
  unknown: number;
  /** An earlier call of this token may have launched. */
  inDoubt: boolean;
}

interface Settled {
  readonly outcome: Outcome | undefined;
}

/** Undefined: nobody knows what came of it. */
async function ask(
  { intent, isFirst }: { readonly intent: IntentRow; readonly isFirst: boolean },
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Outcome | undefined> {
  const tries: Tries = { throttled: 0, unplaced: 0, unknown: 0, inDoubt: !isFirst };
  const found = isFirst ? [] : await lookUp(intent, ports);
  if (found.length >= intent.want) {
    return outcomeOf(found);
  }
  while (deadline.leftMs() > 0) {
    const next = await callOnce({ intent, tries }, ports, deadline);
    if (next !== 'again') {
      return next.outcome;
    }
  }
  return tries.inDoubt ? undefined : NOT_ASKED;
}

async function callOnce(
  work: { readonly intent: IntentRow; readonly tries: Tries },
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Settled | 'again'> {
  const { intent, tries } = work;
  const answer = await ports.cloud.launch(launchStepOf(intent).request);
  logAnswer(ports, intent, answer);
  if (answer.kind === 'answered') {
    return { outcome: answered(answer) };
  }
  const as = answer.kind === 'unknown' ? 'unknown' : launchClassOf(answer.code, answer.status);
  tries.inDoubt = staysInDoubt(as, tries.inDoubt);
  const next = await after(as, work, ports, deadline);
  if (next === 'again') {
    return 'again';
  }
  if (next !== 'stop') {
    return { outcome: next };
  }
  return { outcome: tries.inDoubt || answer.kind === 'unknown' ? undefined : refusal(answer) };
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
  { intent, tries }: { readonly intent: IntentRow; readonly tries: Tries },
  ports: BurstPorts,
  deadline: Deadline,
): Promise<Outcome | 'again' | 'stop'> {
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
      await say(ports, intent, 'unknown');
      return await afterUnknown(intent, tries, ports, deadline);
    }
    case 'idempotency': {
      const found = await lookUp(intent, ports);
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
  const errors = answer.errors.map(({ code, instanceType, subnetId }) => ({
    code,
    status: 0,
    instanceType,
    subnetId,
  }));
  const message = answer.errors[0]?.message ?? '';
  return { came: answer.instances, errors, message, fleetId: answer.fleetId };
}

function refusal(answer: Extract<LaunchAnswer, { kind: 'refused' }>): Outcome {
  const { code, status, message } = answer;
  const errors = [{ code, status, instanceType: '', subnetId: '' }];
  return { came: [], errors, message, fleetId: '' };
}

async function keep(intent: IntentRow, outcome: Outcome, ports: BurstPorts): Promise<IntentResult> {
  const { settings } = ports;
  ports.onLaunched?.(outcome.came.map(({ instanceId }) => instanceId));
  const came = outcome.came.slice(0, intent.want);
  const isShort = came.length < intent.want;
  const code = isShort ? leadingCode(outcome.errors) : '';
  const { breaker } = settings.burst;
  const record: LaunchRecord = {
    intentId: intent.intentId,
    came,
    code,
    report: {
      cameTypes: [...new Set(came.map(({ instanceType }) => instanceType))],
      errors: outcome.errors,
      isShort,
    },
    region: settings.aws.region,
    rules: {
      windowS: breaker.window / MS_PER_SECOND,
      threshold: breaker.threshold,
      openForS: breaker.open_for / MS_PER_SECOND,
    },
  };
  const status = outcome.errors.find((error) => error.code === code)?.status ?? 0;
  const as = launchClassOf(code, status);
  const kept = await writeOrEnd(intent, record, ports);
  await endSurplus(outcome.came.slice(intent.want), intent, ports);
  return kept === 'lost'
    ? { kind: 'lost', intent }
    : { kind: 'clear', intent, came, code, as, message: outcome.message, fleetId: outcome.fleetId };
}

/** More than asked for has no node and no place in the books: it goes at once. */
async function endSurplus(
  surplus: readonly CameInstance[],
  intent: IntentRow,
  ports: BurstPorts,
): Promise<void> {
  if (surplus.length > 0) {
    const ids = surplus.map(({ instanceId }) => instanceId);
    ports.log.write('error', 'launch_surplus', {
      intent: intent.intentId,
      instances: ids.join(','),
    });
    await ports.cloud.terminate(ids);
  }
}

/**
 * The ledger failed after the launch (burst.md F42): what came is written to the spool and terminated,
 * since nobody may spend money unseen. Its tags let reconcile write the rows later.
 */
async function writeOrEnd(
  intent: IntentRow,
  record: LaunchRecord,
  ports: BurstPorts,
): Promise<'done' | 'lost'> {
  try {
    return await write(intent, record, ports);
  } catch (error) {
    if (record.came.length > 0) {
      await endUnrecorded(intent, record.came, ports);
    }
    throw error;
  }
}

async function endUnrecorded(
  intent: IntentRow,
  came: readonly CameInstance[],
  ports: BurstPorts,
): Promise<void> {
  const instances = came.map(({ instanceId }) => instanceId);
  spoolQuietly(ports, 'launched', { intent: intent.intentId, instances });
  await terminateOnly(
    instances,
    ports,
    deadlineIn({ clock: ports.clock, stop: { isRequested: false } }, END_MS),
  );
}

/** Rows in parts of at most ROWS_MAX, the intent's own state with the last one. */
async function write(
  intent: IntentRow,
  record: LaunchRecord,
  ports: BurstPorts,
): Promise<'done' | 'lost'> {
  const query = launchQuery(ports.settings.slurm.cluster_name, intent.intentId);
  const args = { intent: intent.intentId, came: record.came.length, code: record.code };
  for (let at = 0; at + ROWS_MAX < record.came.length; at += ROWS_MAX) {
    const part = await note(ports, { verb: 'resume arrived', args }, query, (view) =>
      recordArrivals(view, record, at, at + ROWS_MAX),
    );
    if (part === 'lost') {
      return 'lost';
    }
  }
  return await note(ports, { verb: 'resume launched', args }, query, (view) =>
    recordLaunched(view, record),
  );
}

async function say(
  ports: BurstPorts,
  intent: IntentRow,
  state: 'sent' | 'unknown',
): Promise<'done' | 'lost'> {
  const { intentId } = intent;
  const what = { verb: `resume ${state}`, args: { intent: intentId } };
  return await note(ports, what, { fleet: { intentIds: [intentId] } }, (view) =>
    state === 'sent' ? recordSent(view, intentId) : recordUnknown(view, intentId),
  );
}

/** Given up before it was made: the row must not look as if it might still launch. */
export async function dropIntent(
  ports: Pick<BurstPorts, 'ledger' | 'settings'>,
  intentId: number,
  code: string,
): Promise<void> {
  const what = { verb: 'resume dropped', args: { intent: intentId, code } };
  await note(ports, what, { fleet: { intentIds: [intentId] } }, (view) =>
    recordFailed(view, { intentId, code }),
  );
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
