import type { Severity } from '../core/alerts/rows.ts';
import type { TransactionCount } from '../core/metrics/transaction-counts.ts';

/** How much there is in the ledger, for metrics: one read transaction, sums by the database. */
export interface CountsSeen {
  /** Newest transaction. */
  readonly seq: number;
  /** Of the transactions after `afterSeq`. */
  readonly transactions: readonly TransactionCount[];
  /** Of the transactions after `afterSeq`: holds that were given back or ran out. */
  readonly cancelledHolds: number;
  readonly holds: number;
  readonly openHolds: number;
  /** Open, older than asked for, and seen by no pass since they should have ended. */
  readonly orphanedHolds: number;
  readonly allocations: number;
  /** Active alerts. */
  readonly alerts: Readonly<Partial<Record<Severity, number>>>;
}

export interface CountsAsk {
  /** 0: from the first one on. */
  readonly afterSeq: number;
  readonly nowS: number;
  /** `budget.reconciliation_timeout`, in seconds. */
  readonly orphanAfterS: number;
}

export interface Counts {
  counts(ask: CountsAsk): Promise<CountsSeen>;
  close(): void;
}
