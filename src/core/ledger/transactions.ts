import type { Money } from '../money/money.ts';
import type { HoldState, TxnKind } from './rows.ts';

/** The types of budget.md 1.3 and the kinds of transactions that show rows of them. */
export const TRANSACTION_TYPES = {
  hold: ['hold', 'split'],
  charge: ['charge', 'late'],
  refund: ['charge', 'release', 'expire', 'adjust'],
  adjustment: ['adjust'],
  allocation: ['allocate'],
  fund: ['fund', 'reverse'],
  transfer: ['transfer', 'reverse'],
  lapse: ['lapse', 'reverse'],
} as const satisfies Readonly<Record<string, readonly TxnKind[]>>;

export type TransactionType = keyof typeof TRANSACTION_TYPES;
export type TransactionStatus = 'pending' | 'completed' | 'failed' | 'cancelled';

/** Old clients do not know the others: they are listed when asked for. */
export const USUAL_TYPES: readonly TransactionType[] = [
  'hold',
  'charge',
  'refund',
  'adjustment',
  'allocation',
];

/** One row of what people see of the books (budget.md 1.3). */
export interface TransactionRow {
  readonly id: number;
  readonly transactionId: string;
  readonly accountId: number;
  readonly accountName: string;
  /** `123`, of an array's task `123_4`. */
  readonly jobId?: string | undefined;
  readonly type: TransactionType;
  readonly amount: Money;
  readonly description: string;
  /** A JSON text. */
  readonly metadata?: string | undefined;
  readonly status: TransactionStatus;
  readonly parentTransactionId?: string | undefined;
  readonly partition?: string | undefined;
  readonly effectiveS: number;
  readonly createdUs: number;
  readonly completedUs?: number | undefined;
}

/** Rows of one transaction number themselves: id = 1000 × seq + n. */
export const ROWS_PER_TXN = 1000;

export function statusOf(state: HoldState): TransactionStatus {
  switch (state) {
    case 'open':
      return 'pending';
    case 'charged':
    case 'split':
      return 'completed';
    case 'released':
    case 'expired':
      return 'cancelled';
  }
}

export function isTransactionType(text: string): text is TransactionType {
  return Object.hasOwn(TRANSACTION_TYPES, text);
}

export function jobText(jobId: number | undefined, arrayTask: number): string | undefined {
  if (jobId === undefined) {
    return;
  }
  return arrayTask < 0 ? String(jobId) : `${jobId}_${arrayTask}`;
}

const JOB = /^(?:job_|slurm_)?(\d{1,10})(?:_(\d{1,7}))?$/u;

export interface JobRef {
  readonly jobId: number;
  readonly arrayTask?: number | undefined;
}

/** `123`, `123_4`, with the prefixes `job_` or `slurm_` of other programs (budget.md 2.5). */
export function parseJob(text: string): JobRef | undefined {
  const [, job, task] = JOB.exec(text) ?? [];
  return job === undefined
    ? undefined
    : { jobId: Number(job), arrayTask: task === undefined ? undefined : Number(task) };
}

const ROW_ID = /^(?:txn_(\d{1,12})(?:_(\d{1,3}))?|(\d{1,16}))$/u;

/** The transaction, and the row of it, that `txn_<seq>_<n>` or a numeric id (1000 × seq + n) names. */
export function rowOf(id: string): { readonly seq: number; readonly n: number } | undefined {
  const [found, seq, n = '0', number] = ROW_ID.exec(id) ?? [];
  if (found === undefined) {
    return;
  }
  return seq === undefined
    ? { seq: Math.floor(Number(number) / ROWS_PER_TXN), n: Number(number) % ROWS_PER_TXN }
    : { seq: Number(seq), n: Number(n) };
}
