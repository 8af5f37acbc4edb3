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

/** Launches that have cost more than `cost_alert_threshold`; each is told once. */
export function dueAlerts(
  { intents, instances }: Launch,
  told: ReadonlySet<string>,
  nowS: number,
): readonly DueAlert[] {
  const byJob = Map.groupBy(intents, ({ jobId }) => jobId);
  return [...byJob].flatMap(([jobId, own]) => {
    const limits = own.flatMap((intent) => launchStepOf(intent).advice?.alertAt ?? []);
    const [limitText] = limits;
    if (jobId === undefined || limitText === undefined || told.has(`${jobId}`)) {
      return [];
    }
    const ids = new Set(own.map(({ intentId }) => intentId));
    const cost = sum(
      instances.filter(({ intentId }) => ids.has(intentId)).map((row) => costOf(row, nowS)),
    );
    const limit = fromMicrosText(limitText);
    return exceeds(cost, limit) ? [{ jobId, cost, limit }] : [];
  });
}

function costOf({ launchS, endS, rate }: InstanceRow, nowS: number): Money {
  const seconds = Math.max(LEAST_SECONDS, (endS ?? nowS) - launchS);
  return sum(segmentAmounts([{ seconds, rate }]));
}

export function alertsNote(cluster: string): string {
  return `plan alerts:${cluster}`;
}

/** Jobs that an alert was told of; written by alertsText alone. */
export function parseAlerts(note: string | undefined): ReadonlySet<string> {
  return new Set((note ?? '').split(' ').filter((word) => word !== ''));
}

/** Only of jobs whose launches are still open. */
export function alertsText(
  told: ReadonlySet<string>,
  fresh: readonly DueAlert[],
  intents: readonly IntentRow[],
): string {
  const open = new Set(intents.map(({ jobId }) => `${jobId}`));
  const all = new Set([...told, ...fresh.map(({ jobId }) => `${jobId}`)]);
  return [...all].filter((jobId) => open.has(jobId)).join(' ');
}

export function alertFields({ cost, limit }: DueAlert): Readonly<Record<string, string>> {
  return { cost: toMicrosText(cost), limit: toMicrosText(limit) };
}
