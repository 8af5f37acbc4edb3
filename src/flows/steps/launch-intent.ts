import { type LaunchClass, launchClassOf, leadingCode } from '../../core/burst/errors.ts';
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
import { askEc2, type Outcome } from './ask-ec2.ts';
import type { BurstPorts } from './burst-ports.ts';
import { type Deadline, deadlineIn } from './deadline.ts';
import { note } from './decide-burst.ts';
import { spoolQuietly } from './spool-quietly.ts';
import { terminateInstances, terminateOnly } from './terminate-instances.ts';

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
      /** Of the shared API budget: not asked for before this time. */
      readonly roomAtS?: number | undefined;
    }
  | { readonly kind: 'unclear' | 'lost'; readonly intent: IntentRow };

const MS_PER_SECOND = 1000;
const END_MS = 30_000;

/**
 * Makes the call of one intent, `sent` before it, the outcome after it (burst.md 5.1 step 7). A call
 * without a clear answer stays `unknown` until somebody can tell.
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
  const outcome = await askEc2(
    {
      intent,
      isFirst,
      onDoubt: async () => (await say(ports, intent, 'unknown')) === 'done',
      isOurs: () => isOurs(intent, ports),
    },
    ports,
    deadline,
  );
  if (outcome === 'lost') {
    return { kind: 'lost', intent };
  }
  if (outcome === undefined) {
    await say(ports, intent, 'unknown');
    return { kind: 'unclear', intent };
  }
  return await keep(intent, outcome, ports);
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
      came,
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
  if (kept === 'lost') {
    await endGivenUp(intent, came, ports);
    return { kind: 'lost', intent };
  }
  return {
    kind: 'clear',
    intent,
    came,
    code,
    as,
    message: outcome.message,
    fleetId: outcome.fleetId,
    roomAtS: outcome.roomAtS,
  };
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

/** Reconcile has given this call up meanwhile: what it brought after all is nobody's. */
async function endGivenUp(
  intent: IntentRow,
  came: readonly CameInstance[],
  ports: BurstPorts,
): Promise<void> {
  const { fleet } = await ports.ledger.read({ fleet: { intentIds: [intent.intentId] } });
  const now = fleet.intents.find(({ intentId }) => intentId === intent.intentId);
  const ids = came.map(({ instanceId }) => instanceId);
  if (ids.length > 0 && (now?.aborted === true || now?.state === 'failed')) {
    ports.log.write('warn', 'launch_given_up', {
      intent: intent.intentId,
      instances: ids.join(','),
    });
    await terminateInstances(ids, ports, deadlineIn({ clock: ports.clock, stop: NEVER }, END_MS));
  }
}

/** Reconcile, or the abort of its gang, may have taken the row out of our hands while we waited. */
async function isOurs({ intentId }: IntentRow, { ledger }: BurstPorts): Promise<boolean> {
  const { fleet } = await ledger.read({ fleet: { intentIds: [intentId] } });
  const now = fleet.intents.find((intent) => intent.intentId === intentId);
  return now?.aborted === false && (now.state === 'sent' || now.state === 'unknown');
}

const NEVER = { isRequested: false };

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
  await terminateOnly(instances, ports, deadlineIn({ clock: ports.clock, stop: NEVER }, END_MS));
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
