import type { Change, Decision } from '../ledger/change.ts';
import type { InstanceRow, IntentRow, IntentState } from '../ledger/rows.ts';
import type { View } from '../ledger/view.ts';
import { expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { assign } from './assign.ts';
import { LIMITED_CAPACITY } from './errors.ts';
import { type Lifecycle, launchStepOf } from './launch.ts';
import { isOpenIntent } from './plan-launch.ts';
import { arrivedRow, launchPrice, volumesOf } from './record.ts';
import { asSeen } from './record-instances.ts';
import { intentOfTags, nodeOfTags, TAG } from './tags.ts';

// EC2 says what exists, tags tie it to what was intended: rows that a crash, a lost reply or a ledger
// that could not be written left out are made from a complete listing (burst.md 9.1, 12; F42).

export interface ListedInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: Lifecycle;
  readonly launchS: number;
  readonly privateIp: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** How long a hook may live with a launch call: its answer, tags and addresses. Seconds. */
export function staleAfterS(want: number): number {
  return STALE_AFTER_S + Math.ceil(want / TAGS_PER_SECOND);
}

const STALE_AFTER_S = 120;
/** What the rate of CreateTags leaves (burst.md 5.7). */
const TAGS_PER_SECOND = 8;

/**
 * The same number is not enough: a ledger restored from a backup counts anew, and another cluster may
 * count in parallel (F46, F53). What came before its intent was planned, or for another job, is not of it.
 */
export function isOfIntent(
  intent: Pick<IntentRow, 'plannedUs' | 'jobId'>,
  instance: Pick<ListedInstance, 'launchS' | 'tags'>,
): boolean {
  const job = instance.tags[TAG.job];
  const isEarlier = instance.launchS + SKEW_S < intent.plannedUs / MICROS_PER_SECOND;
  return !isEarlier && (job === undefined || job === `${intent.jobId ?? ''}`);
}

/** EC2's clock and ours may differ so much (burst.md F47). */
const SKEW_S = 300;

/** Groups what the listing shows by the intent of its tags. */
export function byIntent(
  listed: readonly ListedInstance[],
): ReadonlyMap<number, readonly ListedInstance[]> {
  const groups = new Map<number, ListedInstance[]>();
  for (const instance of listed) {
    const intentId = intentOfTags(instance.tags);
    if (intentId !== undefined) {
      groups.set(intentId, [...(groups.get(intentId) ?? []), instance]);
    }
  }
  return groups;
}

/**
 * Rows for listed instances of known intents, never more than were asked for, and the states of calls
 * that no hook can be waiting for any more. Query: fleet.intentIds and fleet.instanceIds of them.
 */
export function completeRows(
  view: View,
  listed: ReadonlyMap<number, readonly ListedInstance[]>,
): Decision<number> {
  const changes = view.fleet.intents.flatMap((intent): readonly Change[] => {
    const found = (listed.get(intent.intentId) ?? []).filter((each) => isOfIntent(intent, each));
    if (isOpenIntent(intent) && !isStale(view, intent)) {
      return []; // its hook writes the rows itself
    }
    const rows = missingRows(view, intent, found);
    const state = stateAfter(view, intent, found.length);
    return [
      ...rows.map((row): Change => ({ change: 'putInstance', row })),
      ...(state === intent.state
        ? []
        : [{ change: 'putIntent' as const, row: settledIntent(intent, state, found.length) }]),
    ];
  });
  return { changes, answer: changes.length };
}

function settledIntent(intent: IntentRow, state: IntentState, found: number): IntentRow {
  const code = found < intent.want ? LIMITED_CAPACITY : '';
  return { ...intent, state, code: intent.code === '' ? code : intent.code };
}

function missingRows(
  view: View,
  intent: IntentRow,
  found: readonly ListedInstance[],
): readonly InstanceRow[] {
  const rows = view.fleet.instances.filter((row) => row.intentId === intent.intentId);
  const known = new Set(rows.map(({ instanceId }) => instanceId));
  const nodes = expandNodelist(intent.nodes);
  if (isNodelistError(nodes)) {
    return [];
  }
  const taken = new Set(rows.map(({ node }) => node));
  const missing = found.filter(({ instanceId }) => !known.has(instanceId));
  const named = missing.flatMap((instance) => {
    const node = nodeOfTags(instance.tags);
    const isFree = node !== undefined && nodes.includes(node) && !taken.has(node);
    if (isFree) {
      taken.add(node);
    }
    return isFree ? [{ node, instance }] : [];
  });
  const placed = new Set(named.map(({ instance }) => instance));
  const free = nodes.filter((node) => !taken.has(node));
  const rest = assign(
    free,
    missing.filter((instance) => !placed.has(instance)),
  );
  const step = launchStepOf(intent);
  const volumes = volumesOf(step);
  return [...named, ...rest].map(({ node, instance }) => {
    const price = launchPrice(step, instance);
    return asSeen(view, arrivedRow(view, intent, { node, instance, price, volumes }), instance);
  });
}

/**
 * A call that nobody waits for any more: what came makes it `done`. One that brought nothing is left to
 * the verdict on its nodes, unless they have been given up already, or it is simply too old (I20).
 */
function stateAfter(view: View, intent: IntentRow, found: number): IntentState {
  if (!isOpenIntent(intent)) {
    return intent.state;
  }
  if (found > 0) {
    return 'done';
  }
  const isTooOld = ageOf(view, intent) > OPEN_MAX_S;
  return intent.aborted || isTooOld ? 'failed' : intent.state;
}

const OPEN_MAX_S = 840;

function ageOf(view: View, { plannedUs }: IntentRow): number {
  return (view.nowUs - plannedUs) / MICROS_PER_SECOND;
}

function isStale(view: View, intent: IntentRow): boolean {
  return ageOf(view, intent) > staleAfterS(intent.want);
}

const MICROS_PER_SECOND = 1_000_000;
