import type { JobSubmission } from '../../schema/output/submission.ts';
import { holdEstimate } from '../core/estimate/hold-estimate.ts';
import { instantText, momentText } from '../core/grant/calendar.ts';
import { type Submission, submissionStatus } from '../core/ledger/submissions.ts';
import { jobText } from '../core/ledger/transactions.ts';
import { toDollars } from '../core/money/money.ts';
import type { Column } from './table.ts';
import { dateIn } from './times.ts';

const MICROS = 1_000_000;

function moment(us: number | undefined): string | null {
  return us === undefined ? null : momentText(us);
}

function completedAt({ state, costS, endedUs }: Submission): string | null {
  if (state === 'open') {
    return null;
  }
  return costS === undefined ? moment(endedUs) : instantText(costS);
}

export function submissionJson(seen: Submission): JobSubmission {
  return {
    id: seen.holdId,
    job_id: jobText(seen.jobId, seen.arrayTask) ?? null,
    restart_count: seen.restart,
    account_id: seen.accountId,
    account: seen.accountName,
    partition: seen.partition,
    user_id: seen.userName,
    estimated_cost: holdEstimate(seen).estimate ?? null,
    hold_amount: seen.amount,
    actual_cost: seen.actual ?? null,
    hold_transaction_id: `txn_${seen.token}`,
    charge_transaction_id: seen.chargeSeq === undefined ? null : `txn_${seen.chargeSeq}`,
    job_metadata: seen.pricing === '' ? null : seen.pricing,
    status: submissionStatus(seen),
    submitted_at:
      seen.submitS === undefined ? momentText(seen.createdUs) : instantText(seen.submitS),
    started_at: seen.launchedS === undefined ? null : instantText(seen.launchedS),
    completed_at: completedAt(seen),
    reconciled_at: moment(seen.reconciledUs),
  };
}

/** The day is that of the site zone. */
export function submissionColumns(zone: string): readonly Column<Submission>[] {
  return [
    {
      title: 'JOB',
      cell: ({ jobId, arrayTask }) => jobText(jobId, arrayTask) ?? '-',
      align: 'right',
    },
    { title: 'ACCOUNT', cell: ({ accountName }) => accountName, isKey: true },
    { title: 'USER', cell: ({ userName }) => (userName === '' ? '-' : userName), least: 6 },
    { title: 'PARTITION', cell: ({ partition }) => (partition === '' ? '-' : partition), least: 6 },
    { title: 'HELD', cell: ({ amount }) => toDollars(amount), align: 'right' },
    {
      title: 'COST',
      cell: ({ actual }) => (actual === undefined ? '-' : toDollars(actual)),
      align: 'right',
    },
    { title: 'STATUS', cell: submissionStatus },
    {
      title: 'SUBMITTED',
      cell: ({ submitS, createdUs }) =>
        dateIn(submitS === undefined ? createdUs : submitS * MICROS, zone),
    },
  ];
}
