import type { Settings } from '../../core/config/settings.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import type { CostTold } from '../../core/estimate/cost-told.ts';
import { mayLearn } from '../../core/estimate/may-learn.ts';
import { dayOf } from '../../core/grant/calendar.ts';
import {
  type ReconcileAnswer,
  type ReconcileHold,
  reconcileHold,
} from '../../core/ledger/reconcile-hold.ts';
import { learningOf } from '../../core/ledger/reconcile-records.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import type { Query } from '../../core/ledger/view.ts';
import { toMicrosText } from '../../core/money/money.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Clock } from '../../ports/system.ts';

export interface BookPorts {
  readonly ledger: Ledger;
  readonly settings: Settings;
  readonly clock: Pick<Clock, 'nowUs' | 'monotonicMs'>;
}

/** A cost for a hold that was found: what is told of it, and how it is booked. */
export type CostToTell = Omit<
  ReconcileHold,
  'token' | 'effective' | 'durationMs' | 'mayLearn' | 'job' | 'metadata'
> & {
  readonly job?: { readonly jobId: number; readonly arrayTask?: number | undefined } | undefined;
  /** Job end; absent: now. */
  readonly endS?: number | undefined;
  /** JSON text, shown with the transaction; '' without. */
  readonly metadata: string;
  /** `import:<sha256>` of a file: it is taken in once. */
  readonly key?: string | undefined;
  readonly verb: string;
  /** When the work on it began, by the monotonic clock. */
  readonly begunMs: number;
  readonly dryRun?: boolean | undefined;
};

const MICROS = 1_000_000;

/** Of a file: always an amend, since the bills of clouds grow for hours (budget.md 4.3). */
export function ofTold(
  told: CostTold,
): Pick<
  CostToTell,
  | 'actual'
  | 'partition'
  | 'state'
  | 'profile'
  | 'performance'
  | 'payload'
  | 'endS'
  | 'amend'
  | 'priced'
> {
  const { actual, partition, state, profile, performance, payload, endS } = told;
  return {
    ...{ actual, partition, state, profile, performance, payload, endS },
    amend: true,
    priced: false,
  };
}

/** What is asked of the ledger for it, and what has to be known there. */
export async function costAct(
  hold: HoldRow,
  cost: Omit<CostToTell, 'verb' | 'key' | 'dryRun'>,
  { ledger, settings, clock }: BookPorts,
): Promise<{ readonly query: Query; readonly ask: ReconcileHold }> {
  const { token } = hold;
  const jobIds = cost.job === undefined ? [] : [cost.job.jobId];
  const holds = { tokens: [token], jobIds, owners: true, charges: true };
  const who = await ledger.read({ holds: { tokens: [token], owners: true } });
  const effectiveS = cost.endS ?? Math.floor(clock.nowUs() / MICROS);
  return {
    query: {
      holds,
      learning: learningOf(who, hold, cost),
      ...(cost.second?.threshold !== undefined && { proposals: 'waiting' }),
    },
    ask: {
      ...cost,
      token,
      job: cost.job && { jobId: cost.job.jobId, arrayTask: cost.job.arrayTask ?? -1 },
      effective: { effectiveS, day: dayOf(effectiveS, settings.site.timezone) },
      mayLearn: mayLearn(settings),
      durationMs: Math.round(clock.monotonicMs() - cost.begunMs),
    },
  };
}

/** Books it (or with dryRun says what would be), with everything that is learned of it. */
export async function bookCostOfHold(
  hold: HoldRow,
  cost: CostToTell,
  ports: BookPorts,
): Promise<ReconcileAnswer | Refused> {
  const { ledger, settings } = ports;
  const { query, ask } = await costAct(hold, cost, ports);
  if (cost.dryRun === true) {
    const decision = reconcileHold(await ledger.read(query), ask);
    return isRefused(decision) ? decision : decision.answer;
  }
  const { verb, key, metadata, source } = cost;
  const { token } = hold;
  const args = {
    ...{ token, source, actual: toMicrosText(cost.actual), amend: cost.amend, state: cost.state },
    ...(metadata === '' ? {} : { metadata }),
  };
  const answered = await ledger.decide(
    { scope: settings.slurm.cluster_name, key, verb, args, audited: source === 'api' },
    query,
    (view) => reconcileHold(view, ask),
  );
  return isRefused(answered) ? answered : answered.answer;
}
