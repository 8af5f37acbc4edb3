import type { HoldRow } from '../../ledger/rows.ts';
import type { JobRunFacts } from './job-runs.ts';

// A hold follows its job until a run under it has started; then the next run has another. So the holds
// of a job, by the submission they are bound to, part its runs among them (reliability.md 1.1).

/** The holds of one job or task, oldest run first. */
export function chainOf(
  holds: readonly HoldRow[],
  job: { readonly jobId: number; readonly arrayTask: number },
): readonly HoldRow[] {
  return holds
    .filter(({ jobId, arrayTask }) => jobId === job.jobId && arrayTask === job.arrayTask)
    .toSorted((a, b) => (a.submitS ?? 0) - (b.submitS ?? 0));
}

/** Whose run this is: the first hold bound to it or to a later one. */
export function holdOfRun(chain: readonly HoldRow[], submitS: number): HoldRow | undefined {
  return chain.find((hold) => (hold.submitS ?? 0) >= submitS);
}

/** All runs under a hold, failed attempts included. */
export function runsUnder(
  chain: readonly HoldRow[],
  hold: HoldRow,
  runs: readonly JobRunFacts[],
): readonly JobRunFacts[] {
  return runs.filter(({ run }) => holdOfRun(chain, run.submitS)?.holdId === hold.holdId);
}

/** The run that the hold is bound to now. */
export function runBoundTo(hold: HoldRow, runs: readonly JobRunFacts[]): JobRunFacts | undefined {
  return runs.find(({ run }) => run.submitS === hold.submitS);
}

/** The first run after those of the whole chain. */
export function nextRun(
  chain: readonly HoldRow[],
  runs: readonly JobRunFacts[],
): JobRunFacts | undefined {
  const last = chain.at(-1)?.submitS ?? -1;
  return runs.find(({ run }) => run.submitS > last);
}
