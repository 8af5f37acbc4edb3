import type { Performance } from '../ledger/reconcile-records.ts';
import type { JobRef } from '../ledger/transactions.ts';
import type { Money } from '../money/money.ts';

/** What another program told of one run of a job (budget.md 3.8, 3.10), in our words. */
export interface CostTold {
  readonly job: JobRef | undefined;
  /** Of `budget_transaction_id`, without `txn_`. */
  readonly token: string | undefined;
  /** As SLURM names it; undefined when it was not told. */
  readonly account: string | undefined;
  readonly partition: string | undefined;
  readonly submitS: number | undefined;
  readonly restart: number | undefined;
  readonly actual: Money;
  /** '' when it was not told. */
  readonly state: string;
  /** When the job ended. */
  readonly endS: number | undefined;
  readonly profile: string;
  readonly performance: Performance | undefined;
  readonly isAws: boolean;
  /** Written by asbb itself from its ledger: nothing new for it. */
  readonly isOwn: boolean;
  /** The JSON of this run, as received. */
  readonly payload: string;
}
