import type { Settings } from '../config/settings.ts';
import { isRefused, type Refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { InstanceRow, IntentRow } from '../ledger/rows.ts';
import type { Query, View } from '../ledger/view.ts';
import { dearer, type Rate, rateFromE10Text, ZERO_RATE } from '../money/rate.ts';
import { compressNodelist, expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { admitted, breakersNote, breakersText, isOpen, parseBreakers } from './breakers.ts';
import { type FleetLoad, parseStarts, startsNote, underCeilings } from './ceilings.ts';
import { lifecyclesOf } from './ladder.ts';
import {
  type LaunchRequest,
  type LaunchStep,
  type Lifecycle,
  launchStepOf,
  launchStepText,
  type Purchasing,
} from './launch.ts';
import { breakerKeys } from './pools.ts';
import { launchTags } from './tags.ts';

/** One launch call to be planned; its intent id is known only inside the transaction. */
export interface PlannedCall {
  readonly holdId?: number | undefined;
  /** Who pays: of an array's batch its tasks; none for nodes that no job asked for. */
  readonly payerIds: readonly number[];
  /** Absent for nodes that no job asked for. */
  readonly jobId?: number | undefined;
  readonly account: string;
  readonly partition: string;
  readonly ownTags: readonly { readonly key: string; readonly value: string }[];
  readonly nodes: readonly string[];
  readonly attempt: number;
  readonly step: Omit<LaunchStep, 'request'> & { readonly request: Omit<LaunchRequest, 'tags'> };
}

export interface PlanLaunch {
  readonly cluster: string;
  readonly region: string;
  readonly calls: readonly PlannedCall[];
  readonly ceiling: Settings['burst']['ceiling'];
  /** Earlier rounds of this very process: what they left is not another's. */
  readonly ownIntentIds: readonly number[];
}

/**
 * `planned`: the rows stand. `taken`: another process has begun this very step. `collides`: other tasks
 * of the same array have this attempt. `broken`: meanwhile a breaker opened, or somebody is its probe.
 * `no hold`: who was to pay has ended meanwhile (F44).
 */
export type PlanOutcome = 'planned' | 'taken' | 'collides' | 'broken' | 'no hold';

export interface PlanAnswer extends JsonObject {
  readonly outcome: PlanOutcome;
  readonly intentIds: readonly number[];
}

export function planQuery(ask: PlanLaunch): Query {
  const hasCeiling = Object.values(ask.ceiling).some((limit) => limit !== undefined);
  return {
    holds: { holdIds: payersOf(ask) },
    fleet: {
      clientTokens: ask.calls.map(({ step }) => step.request.clientToken),
      holdIds: [...new Set(ask.calls.flatMap(({ holdId }) => holdId ?? []))],
      nodes: ask.calls.flatMap(({ nodes }) => nodes),
      open: hasCeiling,
      begun: true,
    },
    notes: [breakersNote(ask.cluster), startsNote(ask.cluster)],
  };
}

function payersOf(ask: PlanLaunch): readonly number[] {
  return [...new Set(ask.calls.flatMap(({ payerIds }) => payerIds))];
}

/**
 * The intent rows of one round, before any call (burst.md 5.1 step 5): either all of them or none.
 * POLICY at a ceiling.
 */
export function planLaunch(view: View, ask: PlanLaunch): Decision<PlanAnswer> | Refused {
  const earlier = earlierStep(view, ask);
  if (earlier !== undefined) {
    return nothing(earlier);
  }
  const open = new Set(
    view.holds.filter(({ state }) => state === 'open').map(({ holdId }) => holdId),
  );
  if (payersOf(ask).some((holdId) => !open.has(holdId))) {
    return nothing('no hold');
  }
  const breakers = parseBreakers(view.notes[breakersNote(ask.cluster)]);
  const keys = [...new Set(ask.calls.flatMap(({ step }) => breakerKeys(step, ask.region)))];
  if (keys.some((key) => isOpen(breakers, key, view.nowS))) {
    return nothing('broken');
  }
  const ceiling = ceilingOf(view, ask);
  if (isRefused(ceiling)) {
    return ceiling;
  }
  const rows = ask.calls.map((call, at) => intentRow(view, ask.cluster, call, at));
  const probing = admitted(breakers, keys, view.nowS);
  const isProbe = keys.some((key) => probing[key] !== breakers[key]);
  return {
    changes: [
      ...compensated(view, ask).map((row): Change => ({ change: 'putIntent', row })),
      ...rows.map((row): Change => ({ change: 'putIntent', row })),
      ...(isProbe
        ? [
            {
              change: 'putNote' as const,
              name: breakersNote(ask.cluster),
              value: breakersText(probing, view.nowS),
            },
          ]
        : []),
    ],
    answer: { outcome: 'planned', intentIds: rows.map(({ intentId }) => intentId) },
  };
}

/**
 * Earlier rounds whose nodes are launched anew were taken back (GANG-2). Whatever of them EC2 would not
 * terminate then is found by reconcile as left over of an aborted attempt.
 */
function compensated(view: View, ask: PlanLaunch): readonly IntentRow[] {
  const anew = new Set(ask.calls.flatMap(({ nodes }) => nodes));
  const holds = new Set(ask.calls.map(({ holdId }) => holdId));
  return view.fleet.intents
    .filter(({ intentId, aborted }) => ask.ownIntentIds.includes(intentId) && !aborted)
    .filter(({ holdId }) => holds.has(holdId))
    .filter(({ intentId }) => {
      const rows = view.fleet.instances.filter((row) => row.intentId === intentId);
      return rows.length > 0 && rows.every((row) => !isLive(row) || anew.has(row.node));
    })
    .map((intent) => ({
      ...intent,
      aborted: true,
      code: intent.code === '' ? 'Compensated' : intent.code,
    }));
}

function earlierStep(view: View, ask: PlanLaunch): 'taken' | 'collides' | undefined {
  const known = new Map(view.fleet.intents.map((intent) => [intent.clientToken, intent.nodes]));
  const met = ask.calls.filter(({ step }) => known.has(step.request.clientToken));
  if (met.length === 0) {
    return isBegunByOther(view, ask) ? 'taken' : undefined;
  }
  const isSame = met.every(
    ({ step, nodes }) => known.get(step.request.clientToken) === compressNodelist(nodes),
  );
  return isSame ? 'taken' : 'collides';
}

/** A call under way, or an instance, for one of these nodes: a second one would be one too many. */
function isBegunByOther(view: View, ask: PlanLaunch): boolean {
  const own = new Set(ask.ownIntentIds);
  const nodes = new Set(ask.calls.flatMap((call) => call.nodes));
  const others = view.fleet.intents.filter(
    ({ intentId, aborted }) => !(aborted || own.has(intentId)),
  );
  const ids = new Set(others.map(({ intentId }) => intentId));
  return (
    view.fleet.instances.some(
      (row) => isLive(row) && ids.has(row.intentId) && nodes.has(row.node),
    ) ||
    others.some((intent) => isOpenIntent(intent) && names(intent).some((node) => nodes.has(node)))
  );
}

function names(intent: IntentRow): readonly string[] {
  const nodes = expandNodelist(intent.nodes);
  return isNodelistError(nodes) ? [] : nodes;
}

function nothing(outcome: Exclude<PlanOutcome, 'planned'>): Decision<PlanAnswer> {
  return { changes: [], answer: { outcome, intentIds: [] } };
}

function intentRow(view: View, cluster: string, call: PlannedCall, at: number): IntentRow {
  const intentId = view.next.intentId + at;
  const { step, attempt, jobId, holdId } = call;
  const tags = launchTags({
    cluster,
    intentId,
    attempt,
    jobId,
    holdId,
    account: call.account,
    partition: call.partition,
    nodeGroup: step.nodeGroup,
    lifecycle: taggedLifecycle(step.request.lifecycle),
    own: call.ownTags,
  });
  return {
    intentId,
    clusterId: view.clusterId,
    holdId,
    purpose: holdId === undefined ? 'admin' : 'job',
    clientToken: step.request.clientToken,
    request: launchStepText({ ...step, request: { ...step.request, tags } }),
    want: step.request.count,
    plannedUs: view.nowUs,
    state: 'planned',
    attempt,
    jobId,
    nodes: compressNodelist(call.nodes),
    code: '',
    aborted: false,
  };
}

/** Instances of a `mixed` call are of both kinds; a capacity block is charged as on-demand. */
function taggedLifecycle(purchasing: Purchasing): Lifecycle | undefined {
  const [lifecycle, other] = lifecyclesOf(purchasing);
  return other === undefined ? lifecycle : undefined;
}

function ceilingOf(view: View, ask: PlanLaunch): Refused | undefined {
  const rates = ask.calls.flatMap(({ step }) => wantedRates(step.request.count, step.rates));
  return underCeilings(ask.ceiling, loadOf(view, ask.cluster), { rates, nowS: view.nowS });
}

function loadOf(view: View, cluster: string): FleetLoad {
  const live = view.fleet.instances.filter(isLive);
  const coming = view.fleet.intents.filter(isOpenIntent).flatMap((intent) => {
    const came = live.filter(({ intentId }) => intentId === intent.intentId).length;
    return wantedRates(intent.want - came, launchStepOf(intent).rates);
  });
  const starts = parseStarts(view.notes[startsNote(cluster)]);
  return {
    instances: live.length + coming.length,
    rates: [...live.map(({ rate }) => rate), ...coming],
    starts,
    coming: coming.length,
  };
}

/** Which type comes is EC2's choice: the dearest counts. */
function wantedRates(count: number, rates: LaunchStep['rates']): readonly Rate[] {
  const dearest = Object.values(rates)
    .map(rateFromE10Text)
    .reduce((most, rate) => (dearer(rate, most) ? rate : most), ZERO_RATE);
  return Array.from({ length: Math.max(0, count) }, () => dearest);
}

export function isLive(instance: InstanceRow): boolean {
  return instance.state === 'pending' || instance.state === 'bound' || instance.state === 'ready';
}

export function isOpenIntent(intent: IntentRow): boolean {
  return intent.state === 'planned' || intent.state === 'sent' || intent.state === 'unknown';
}
