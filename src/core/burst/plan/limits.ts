import type { InstanceRow, IntentRow } from '../../ledger/rows.ts';
import { exceeds, fromMicrosText, type Money, sum, toMicrosText } from '../../money/money.ts';
import { segmentAmounts } from '../../money/rate.ts';
import { launchStepOf } from '../launch.ts';
import { isLive } from '../plan-launch.ts';

// What a plan wants of a job while it runs (burst.md 3.2): executed by reconcile.

/** A job on nodes that a plan's launch made. */
export interface LimitedJob {
  readonly jobId: number;
  readonly arrayJobId: number;
  /** Absent: it does not run yet. */
  readonly startS: number | undefined;
  readonly nodes: readonly string[];
}

export interface DueEnd {
  readonly jobId: number;
  /** Of this job's launch, as far as they live. */
  readonly nodes: readonly string[];
  readonly endAfterSeconds: number;
}

export interface DueAlert {
  readonly jobId: number;
  /** Of the launch; absent: none is known. */
  readonly holdId: number | undefined;
  readonly cost: Money;
  readonly limit: Money;
}

const LEAST_SECONDS = 60;

interface Launch {
  readonly intents: readonly IntentRow[];
  readonly instances: readonly InstanceRow[];
}

/** Jobs that have had the time that `auto_terminate_hours` gave them, from their start on. */
export function dueEnds(
  { intents, instances }: Launch,
  jobs: readonly LimitedJob[],
  nowS: number,
): readonly DueEnd[] {
  return intents.flatMap((intent) => {
    const endAfterSeconds = launchStepOf(intent).advice?.endAfterSeconds;
    if (endAfterSeconds === undefined || intent.aborted) {
      return [];
    }
    const live = instances.filter((row) => row.intentId === intent.intentId && isLive(row));
    const launchS = Math.min(...live.map((row) => row.launchS));
    const own = new Set(live.map(({ node }) => node));
    return jobs
      .filter(({ jobId, arrayJobId }) => [jobId, arrayJobId].includes(intent.jobId ?? 0))
      .map((job) => ({ job, nodes: job.nodes.filter((node) => own.has(node)) }))
      .filter(
        ({ job, nodes }) => nodes.length > 0 && nowS - (job.startS ?? launchS) >= endAfterSeconds,
      )
      .map(({ job, nodes }) => ({ jobId: job.jobId, nodes, endAfterSeconds }));
  });
}

/** Launches that have cost more than `cost_alert_threshold`; each is told once for each threshold. */
export function dueAlerts(
  { intents, instances }: Launch,
  told: readonly PlanAlert[],
  { cluster, nowS }: { readonly cluster: string; readonly nowS: number },
): readonly DueAlert[] {
  const known = new Set(told.map(keyOf));
  const byJob = Map.groupBy(intents, ({ jobId }) => jobId);
  return [...byJob].flatMap(([jobId, own]) => {
    const [limitText] = own.flatMap((intent) => launchStepOf(intent).advice?.alertAt ?? []);
    const isTold = known.has(`${cluster} ${jobId} ${limitText}`);
    if (jobId === undefined || limitText === undefined || isTold) {
      return [];
    }
    const ids = new Set(own.map(({ intentId }) => intentId));
    const cost = sum(
      instances.filter(({ intentId }) => ids.has(intentId)).map((row) => costOf(row, nowS)),
    );
    const holdId = own.find((intent) => intent.holdId !== undefined)?.holdId;
    return exceeds(cost, fromMicrosText(limitText))
      ? [{ jobId, holdId, cost, limit: fromMicrosText(limitText) }]
      : [];
  });
}

function costOf({ launchS, endS, rate }: InstanceRow, nowS: number): Money {
  const seconds = Math.max(LEAST_SECONDS, (endS ?? nowS) - launchS);
  return sum(segmentAmounts([{ seconds, rate }]));
}

/** Of the site: clusters that share a ledger share their alerts. */
export const PLAN_ALERTS = 'alerts:plans';
/** An alert of a plan is news for so long, and is remembered as long as its job has open launches. */
export const PLAN_ALERT_S = 7 * 86_400;

/** A threshold that was passed, as the ledger keeps it: amounts are micro-dollars as text. */
export interface PlanAlert {
  readonly cluster: string;
  readonly jobId: number;
  /** Who pays. */
  readonly account: string;
  readonly cost: string;
  readonly limit: string;
  readonly atS: number;
}

function keyOf({ cluster, jobId, limit }: Pick<PlanAlert, 'cluster' | 'jobId' | 'limit'>): string {
  return `${cluster} ${jobId} ${limit}`;
}

export function parsePlanAlerts(note: string | undefined): readonly PlanAlert[] {
  // Written by planAlertsText alone.
  return note === undefined || note === '' ? [] : (JSON.parse(note) as readonly PlanAlert[]);
}

/** With what is new; without what is old and of no open launch of this cluster. */
export function planAlertsText(
  told: readonly PlanAlert[],
  fresh: readonly PlanAlert[],
  open: { readonly cluster: string; readonly intents: readonly IntentRow[]; readonly nowS: number },
): string {
  const live = new Set(open.intents.map(({ jobId }) => `${open.cluster} ${jobId}`));
  const kept = told.filter(
    ({ cluster, jobId, atS }) => open.nowS - atS < PLAN_ALERT_S || live.has(`${cluster} ${jobId}`),
  );
  const all = new Map([...kept, ...fresh].map((each) => [keyOf(each), each]));
  return all.size === 0 ? '' : JSON.stringify([...all.values()]);
}

export function alertFields({ cost, limit }: DueAlert): Readonly<Record<string, string>> {
  return { cost: toMicrosText(cost), limit: toMicrosText(limit) };
}
