import { isRefused, type Refused, refused } from '../../core/errors.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import { type JobRef, parseJob } from '../../core/ledger/transactions.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Reports } from '../../ports/reports.ts';
import { holdToken } from './hold-token.ts';

/** How a cost names the hold that it belongs to: by transaction, by job and run. */
export interface CostRef {
  readonly job?: JobRef | undefined;
  readonly transaction?: string | undefined;
  /** Restart count of the run; absent: the latest. */
  readonly run?: number | undefined;
  readonly submitS?: number | undefined;
}

/** `123`, `123_4`, `job_123`, `slurm_123`. VALIDATION_ERROR. */
export function jobOf(text: string): JobRef | Refused {
  return (
    parseJob(text) ??
    invalid('job_id', `${text.slice(0, 128)}: not a job id of SLURM`, 'as in 123, 123_4 or job_123')
  );
}

function noHold({ jobId, arrayTask }: JobRef, run: number | undefined): Refused {
  const job = arrayTask === undefined ? String(jobId) : `${jobId}_${arrayTask}`;
  const which = run === undefined ? '' : ` in run ${run}`;
  return refused('NOT_FOUND', `job ${job} has no hold${which}`, {
    advice: 'see asbb transactions list --type hold, or name one with --transaction',
    fields: { job_id: job },
  });
}

/** The hold of one run; NOT_FOUND; VALIDATION_ERROR of an array as a whole. */
function chosen(holds: readonly HoldRow[], job: JobRef, ref: CostRef): HoldRow | Refused {
  const own = holds
    .filter(({ jobId, arrayTask }) => jobId === job.jobId && arrayTask === (job.arrayTask ?? -1))
    .filter(({ restart }) => ref.run === undefined || restart === ref.run)
    .toSorted((a, b) => (a.submitS ?? 0) - (b.submitS ?? 0) || a.restart - b.restart);
  const exact = own.find(({ submitS }) => submitS !== undefined && submitS === ref.submitS);
  const hold = exact ?? own.at(-1);
  const isArray = hold === undefined ? job.arrayTask === undefined : hold.tasks !== 1;
  if (
    isArray &&
    holds.some(({ jobId, tasks, arrayTask }) => {
      return jobId === job.jobId && (tasks !== 1 || arrayTask >= 0);
    })
  ) {
    return invalid('job_id', `${job.jobId} is an array of jobs`, 'name one task, as in 123_4');
  }
  return hold ?? noHold(job, ref.run);
}

/** The hold that a cost belongs to (budget.md 2.5). NOT_FOUND; VALIDATION_ERROR. */
export async function findCostHold(
  ref: CostRef,
  { ledger, reports }: { readonly ledger: Ledger; readonly reports: Reports },
): Promise<HoldRow | Refused> {
  if (ref.transaction !== undefined) {
    const token = await holdToken(ref.transaction, reports);
    if (isRefused(token)) {
      return token;
    }
    const { holds } = await ledger.read({ holds: { tokens: [token] } });
    return holds[0] ?? refused('NOT_FOUND', `Transaction ${ref.transaction} not found`);
  }
  if (ref.job === undefined) {
    return invalid('job_id', 'a job or a transaction is required');
  }
  const { holds } = await ledger.read({ holds: { jobIds: [ref.job.jobId] } });
  return chosen(holds, ref.job, ref);
}
