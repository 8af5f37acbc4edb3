import type { Change, Decision } from '../ledger/change.ts';
import type { InstanceRow, IntentRow, IntentState } from '../ledger/rows.ts';
import type { View } from '../ledger/view.ts';
import { fromMicrosText } from '../money/money.ts';
import { dearer, rateFromE10Text, ZERO_RATE } from '../money/rate.ts';
import { expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { assign } from './assign.ts';
import { type BreakerRules, breakersNote, breakersText, parseBreakers } from './breakers.ts';
import { parseStarts, startsNote, startsText } from './ceilings.ts';
import { type LaunchStep, type Lifecycle, launchStepOf } from './launch.ts';
import { breakersAfter, type PoolReport } from './pools.ts';

// What happened to an intent and its instances, as conditional updates of the state that was found:
// two processes meet at the rows, and the loser stops (burst.md F45).

/** `lost`: somebody else has moved the row on; nothing was written. */
export type Recorded = 'done' | 'lost';

export function recordSent(view: View, intentId: number): Decision<Recorded> {
  const intent = intentIn(view, intentId);
  return intent?.state === 'planned'
    ? recorded([putIntent({ ...intent, state: 'sent', sentUs: view.nowUs })])
    : LOST;
}

export function recordUnknown(view: View, intentId: number): Decision<Recorded> {
  const intent = intentIn(view, intentId);
  if (intent?.state === 'unknown') {
    return { changes: [], answer: 'done' };
  }
  return intent?.state === 'sent' ? recorded([putIntent({ ...intent, state: 'unknown' })]) : LOST;
}

export interface CameInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: Lifecycle;
}

export interface LaunchRecord {
  readonly intentId: number;
  /** All that came, at most as many as were asked for. */
  readonly came: readonly CameInstance[];
  /** '' when all came. */
  readonly code: string;
  readonly report: PoolReport;
  readonly region: string;
  readonly rules: BreakerRules;
}

/** Rows of one transaction at most (reliability.md 2.2). */
export const ROWS_MAX = 500;

/**
 * The answer of a launch: instance rows with their nodes (burst.md 5.9), the intent `done`, or
 * `failed` when nothing came, and what it says of the pools. With more than ROWS_MAX instances the
 * first parts come by recordArrivals, the intent stays open until this one.
 */
export function recordLaunched(view: View, record: LaunchRecord): Decision<Recorded> {
  const intent = intentIn(view, record.intentId);
  if (intent === undefined || !isAnswerable(intent.state)) {
    return LOST;
  }
  const { cluster } = namesOf(view);
  const step = launchStepOf(intent);
  const breakers = breakersAfter(
    parseBreakers(view.notes[breakersNote(cluster)]),
    step,
    record.report,
    { nowS: view.nowS, region: record.region, rules: record.rules },
  );
  const starts = parseStarts(view.notes[startsNote(cluster)]);
  const state: IntentState = record.came.length === 0 ? 'failed' : 'done';
  const known = new Set(view.fleet.instances.map(({ instanceId }) => instanceId));
  const changes = [
    ...arrivals(view, intent, record.came).filter(({ row }) => !known.has(row.instanceId)),
    putIntent({ ...intent, state, code: record.code }),
    putNote(breakersNote(cluster), breakersText(breakers, view.nowS)),
    ...(record.came.length === 0
      ? []
      : [putNote(startsNote(cluster), startsText(starts, record.came.length, view.nowS))]),
  ];
  // Given up meanwhile: the rows stand for the cost, but nobody may go on with them.
  return { changes, answer: intent.aborted ? 'lost' : 'done' };
}

/** A part of a great answer, before recordLaunched. `from` and `to` cut the sorted list. */
export function recordArrivals(
  view: View,
  record: LaunchRecord,
  from: number,
  to: number,
): Decision<Recorded> {
  const intent = intentIn(view, record.intentId);
  if (intent === undefined || !isAnswerable(intent.state)) {
    return LOST;
  }
  return recorded(arrivals(view, intent, record.came).slice(from, to));
}

export function launchQuery(
  cluster: string,
  intentId: number,
): {
  readonly fleet: { readonly intentIds: readonly number[] };
  readonly notes: readonly string[];
} {
  return {
    fleet: { intentIds: [intentId] },
    notes: [breakersNote(cluster), startsNote(cluster)],
  };
}

function isAnswerable(state: IntentState): boolean {
  return state === 'sent' || state === 'unknown';
}

type PutInstance = Extract<Change, { change: 'putInstance' }>;

function arrivals(
  view: View,
  intent: IntentRow,
  came: readonly CameInstance[],
): readonly PutInstance[] {
  const nodes = expandNodelist(intent.nodes);
  const step = launchStepOf(intent);
  return isNodelistError(nodes)
    ? []
    : assign(nodes, came).map(({ node, instance }) => ({
        change: 'putInstance',
        row: arrivedRow(view, intent, {
          node,
          instance,
          price: launchPrice(step, instance),
          volumes: volumesOf(step),
        }),
      }));
}

/** As they were priced at the launch (COST-8). */
export function volumesOf({ volumes }: Pick<LaunchStep, 'volumes'>): InstanceRow['volumes'] {
  return volumes?.map(fromMicrosText);
}

/** What an instance of this call costs: of a type that it did not name the dearest that it did (COST-9). */
export function launchPrice(
  { rates, spotRates }: Pick<LaunchStep, 'rates' | 'spotRates'>,
  { instanceType, lifecycle }: Pick<CameInstance, 'instanceType' | 'lifecycle'>,
): Price {
  const own = (lifecycle === 'spot' ? spotRates?.[instanceType] : undefined) ?? rates[instanceType];
  if (own !== undefined) {
    return { rate: rateFromE10Text(own) };
  }
  const rate = Object.values(rates)
    .map(rateFromE10Text)
    .reduce((most, other) => (dearer(other, most) ? other : most), ZERO_RATE);
  return { rate, isPriceMissing: true };
}

type Price = Pick<InstanceRow, 'rate' | 'isPriceMissing'>;

interface Placed {
  readonly node: string;
  readonly instance: CameInstance;
  readonly price: Price;
  readonly volumes: InstanceRow['volumes'];
}

/** Tags are given with the launch itself; DescribeInstances confirms them (I11). */
export function arrivedRow(
  view: View,
  intent: IntentRow,
  { node, instance, price, volumes }: Placed,
): InstanceRow {
  return {
    instanceId: instance.instanceId,
    intentId: intent.intentId,
    node,
    launchS: view.nowS,
    state: 'pending',
    tagCluster: view.clusterName,
    tagIntent: intent.intentId,
    tagHold: intent.holdId,
    instanceType: instance.instanceType,
    zone: instance.zone,
    lifecycle: instance.lifecycle,
    address: '',
    ...price,
    endCause: '',
    volumes,
  };
}

/** A call that certainly launched nothing, or one given up before it was made. */
export function recordFailed(
  view: View,
  failure: Pick<LaunchRecord, 'intentId' | 'code'>,
): Decision<Recorded> {
  const intent = intentIn(view, failure.intentId);
  const isOpen = intent !== undefined && (intent.state === 'planned' || isAnswerable(intent.state));
  return isOpen ? recorded([putIntent({ ...intent, state: 'failed', code: failure.code })]) : LOST;
}

const LOST: Decision<Recorded> = { changes: [], answer: 'lost' };

function recorded(changes: readonly Change[]): Decision<Recorded> {
  return { changes, answer: 'done' };
}

function putIntent(row: IntentRow): Change {
  return { change: 'putIntent', row };
}

function putNote(name: string, value: string): Change {
  return { change: 'putNote', name, value };
}

function intentIn(view: View, intentId: number): IntentRow | undefined {
  return view.fleet.intents.find((intent) => intent.intentId === intentId);
}

function namesOf(view: View): { readonly cluster: string } {
  return { cluster: view.clusterName };
}
