import { isRefused, type Refused } from '../core/errors.ts';
import {
  SUBMISSION_STATUSES,
  type Submission,
  type SubmissionStatus,
  submissionStatus,
} from '../core/ledger/submissions.ts';
import type { Reports } from '../ports/reports.ts';
import { oneOfWords, unknownOwner } from './steps/ask-alert.ts';
import { jobOf } from './steps/find-cost-hold.ts';

export interface SubmissionQuery {
  readonly account?: string | undefined;
  readonly user?: string | undefined;
  /** `123`, `123_4`. */
  readonly job?: string | undefined;
  readonly status?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

function isWanted(seen: Submission, status: SubmissionStatus | undefined): boolean {
  return status === undefined || submissionStatus(seen) === status;
}

/** `hold list`: one row a hold, newest first (budget.md 1.4). VALIDATION_ERROR, NOT_FOUND. */
export async function listSubmissions(
  query: SubmissionQuery,
  { reports }: { readonly reports: Reports },
): Promise<readonly Submission[] | Refused> {
  const job = query.job === undefined ? undefined : jobOf(query.job);
  const { account, user, limit, offset } = query;
  if (isRefused(job)) {
    return job;
  }
  const status =
    query.status === undefined
      ? undefined
      : oneOfWords(query.status, 'status', SUBMISSION_STATUSES);
  if (isRefused(status)) {
    return status;
  }
  const unknown = await unknownOwner({ account }, reports);
  if (unknown !== undefined) {
    return unknown;
  }
  // The status is made of many rows: with it the last page is not known before all are seen.
  const most = status === undefined ? offset + limit : undefined;
  const rows = await reports.submissions({
    ...{ accountName: account, userName: user, limit: most },
    ...{ jobId: job?.jobId, arrayTask: job?.arrayTask },
  });
  return rows.filter((row) => isWanted(row, status)).slice(offset, offset + limit);
}
