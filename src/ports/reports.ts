import type { HoldRow, HoldState, LedgerAccountKind, TxnKind } from '../core/ledger/rows.ts';
import type { AccountFigures, FleetView } from '../core/ledger/view.ts';
import type { Money } from '../core/money/money.ts';

// What commands list and show. Read outside the write lock, in one read transaction each; nothing
// here is ever the basis of a decision.

/** An account with everything that `account list` and `account show` print. */
export interface AccountReport extends AccountFigures {
  readonly parentName: string;
  /** Sum of its `allocate` transactions, net of those reversed. */
  readonly totalAllocated: Money;
}

export interface AccountFilter {
  readonly names?: readonly string[];
  readonly status?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** Outward types of budget.md 1.3. `fund`, `transfer` and `lapse` are listed only when asked for. */
export type TransactionType =
  | 'hold'
  | 'charge'
  | 'refund'
  | 'adjustment'
  | 'allocation'
  | 'fund'
  | 'transfer'
  | 'lapse';

export type TransactionStatus = 'pending' | 'completed' | 'failed' | 'cancelled';

/** One outward row of budget.md 1.3, a view over the double-entry journal. */
export interface TransactionReport {
  /** 1000 × seq + n. */
  readonly id: number;
  readonly seq: number;
  readonly n: number;
  /** `txn_<token>` of a hold, else `txn_<seq>`, with `_<n>` when n > 0. */
  readonly transactionId: string;
  readonly accountId: number;
  readonly account: string;
  /** `123` or `123_4`. */
  readonly jobId?: string | undefined;
  readonly type: TransactionType;
  readonly amount: Money;
  readonly description: string;
  /** A JSON text, never ''. */
  readonly metadata?: string | undefined;
  readonly status: TransactionStatus;
  readonly parentTransactionId?: string | undefined;
  readonly partition?: string | undefined;
  readonly effectiveS: number;
  readonly createdUs: number;
  readonly completedUs?: number | undefined;
}

export interface TransactionFilter {
  readonly account?: string;
  /** `123` or `123_4`; an array's id finds its tasks too. */
  readonly jobId?: string;
  readonly type?: TransactionType;
  readonly status?: TransactionStatus;
  /** Inclusive, on createdUs. */
  readonly fromS?: number;
  readonly toS?: number;
  /** True: fund, transfer and lapse as well. Naming one of them as `type` does the same. */
  readonly all?: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** One line of the books as it stands. */
export interface PostingReport {
  readonly line: number;
  readonly kind: LedgerAccountKind;
  readonly ownerId: number;
  /** Name of the account whose budget owns it, '' of source and awards. */
  readonly account: string;
  readonly amount: Money;
  readonly partition: string;
}

export interface TransactionDetail {
  readonly row: TransactionReport;
  readonly kind: TxnKind;
  readonly cause: string;
  readonly over: 0 | 1 | 2;
  readonly postings: readonly PostingReport[];
  readonly parent?: TransactionReport | undefined;
  readonly children: readonly TransactionReport[];
}

export interface HoldReport extends HoldRow {
  readonly account: string;
  readonly cluster: string;
}

export interface HoldFilter {
  readonly states?: readonly HoldState[];
  readonly account?: string;
  readonly limit?: number;
}

export interface FleetFilter {
  /** False: only instances that are not closed and intents that are open. */
  readonly closed?: boolean;
  readonly limit?: number;
}

/** Faults as of Ledger.read: 75 busy, 1 wrong place, 22 damaged. */
export interface Reports {
  /** By name. */
  accounts(filter?: AccountFilter): Promise<readonly AccountReport[]>;
  /** Newest first; rows of one transaction by n descending. */
  transactions(filter: TransactionFilter): Promise<readonly TransactionReport[]>;
  /** By transactionId or numeric id as text; undefined when there is none. */
  transaction(id: string): Promise<TransactionDetail | undefined>;
  /** Newest first; open ones unless states are named. */
  holds(filter?: HoldFilter): Promise<readonly HoldReport[]>;
  /** This cluster's, newest first. */
  fleet(filter?: FleetFilter): Promise<FleetView>;
}
