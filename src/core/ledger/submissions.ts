import type { Money } from '../money/money.ts';
import { isOver } from '../slurm/job-state.ts';
import type { HoldState } from './rows.ts';

export const SUBMISSION_STATUSES = [
  ...(['submitted', 'running', 'completed', 'failed', 'cancelled'] as const),
];
export type SubmissionStatus = (typeof SUBMISSION_STATUSES)[number];

/** One run of a job with its hold (budget.md 1.4, `job_submissions`). */
export interface Submission {
  readonly holdId: number;
  readonly token: string;
  readonly jobId: number | undefined;
  readonly arrayTask: number;
  readonly restart: number;
  readonly accountId: number;
  readonly accountName: string;
  readonly partition: string;
  readonly userName: string;
  readonly amount: Money;
  /** JSON text, '' without. */
  readonly pricing: string;
  readonly state: HoldState;
  /** Charges with their corrections; undefined: none yet. */
  readonly actual: Money | undefined;
  readonly chargeSeq: number | undefined;
  /** Of the newest reconciliation: what SLURM or a file said; '' when nobody did. */
  readonly jobState: string;
  readonly reconciledUs: number | undefined;
  /** The first of its instances was launched. */
  readonly launchedS: number | undefined;
  readonly submitS: number | undefined;
  readonly createdUs: number;
  /** When the cost belongs: the end of the job. */
  readonly costS: number | undefined;
  readonly endedUs: number | undefined;
}

/** Of what the ledger knows: a job without instances of ours runs unseen until it is settled. */
export function submissionStatus(seen: Submission): SubmissionStatus {
  const { state, jobState, launchedS, actual } = seen;
  if (state === 'open') {
    return launchedS === undefined ? 'submitted' : 'running';
  }
  if (
    jobState === 'CANCELLED' ||
    ((state === 'released' || state === 'expired') && actual === undefined)
  ) {
    return 'cancelled';
  }
  return isOver(jobState) && jobState !== 'COMPLETED' ? 'failed' : 'completed';
}
