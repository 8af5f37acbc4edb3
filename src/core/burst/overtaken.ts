import type { InstanceRow, IntentRow } from '../ledger/rows.ts';
import type { FleetView } from '../ledger/view.ts';
import { expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { isLive, isOpenIntent } from './plan-launch.ts';

// A resume may begin, or get on, between reconcile's listings and its acts: what was decided on the state
// before is not done (burst.md F45: the loser stops).

/** What a run has decided on. */
export interface Looked {
  readonly fleet: FleetView;
  /** Intents with this number or a higher one were planned after SLURM was asked for its nodes. */
  readonly firstNewIntentId: number;
}

/**
 * The nodes of which the ledger knows something newer than what the run has looked at: a launch, a bind,
 * or an answer of EC2. Ends are no such news; `now` is the fleet with all that is open.
 */
export function overtakenNodes(looked: Looked, now: FleetView): ReadonlySet<string> {
  const { fleet, firstNewIntentId } = looked;
  const known = new Set(fleet.instances.filter(isLive).map(rowKey));
  const rows = now.instances.filter(
    (row) => isLive(row) && (row.intentId >= firstNewIntentId || !known.has(rowKey(row))),
  );
  const before = new Map(openOf(fleet).map((intent) => [intentKey(intent), intent]));
  const after = new Map(openOf(now).map((intent) => [intentKey(intent), intent]));
  const intents = [
    ...[...after.values()].filter(
      (intent) => intent.intentId >= firstNewIntentId || !before.has(intentKey(intent)),
    ),
    ...[...before.values()].filter((intent) => !after.has(intentKey(intent))),
  ];
  return new Set([...rows.map(({ node }) => node), ...intents.flatMap(nodesOf)]);
}

/** As much of a row as a resume changes. */
function rowKey({ instanceId, state }: InstanceRow): string {
  return `${instanceId} ${state === 'pending'}`;
}

function openOf({ intents }: FleetView): readonly IntentRow[] {
  return intents.filter((intent) => isOpenIntent(intent) && !intent.aborted);
}

function intentKey({ intentId, state }: IntentRow): string {
  return `${intentId} ${state}`;
}

function nodesOf({ nodes }: IntentRow): readonly string[] {
  const names = expandNodelist(nodes);
  return isNodelistError(names) ? [] : names;
}

/** The state of these intents and their rows as it was found: an abort is decided on it (burst.md 9.5). */
export function foundState(fleet: FleetView, intentIds: readonly number[]): string {
  const ids = new Set(intentIds);
  const intents = fleet.intents.filter(({ intentId }) => ids.has(intentId));
  const rows = fleet.instances.filter((row) => ids.has(row.intentId) && isLive(row));
  return [
    ...intents.map(({ intentId, state, aborted }) => `${intentId} ${state} ${aborted}`),
    ...rows.map(rowKey),
  ]
    .toSorted()
    .join();
}
