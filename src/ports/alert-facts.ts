import type { AccountStatus } from '../core/ledger/rows.ts';
import type { Money } from '../core/money/money.ts';

// What alerts look at beside burn figures. One read transaction each, no write lock.

/** Whom transactions touched since they were last looked at. */
export interface Touched {
  /** The newest transaction now. */
  readonly seq: number;
  readonly accountNames: readonly string[];
  readonly grantNumbers: readonly string[];
}

export interface AlertAccount {
  readonly accountId: number;
  readonly name: string;
  readonly status: AccountStatus;
  /** Schedules that came to their end with money left. */
  readonly endedSchedules: readonly { readonly scheduleId: number; readonly left: Money }[];
  /** Due dates that an award could not pay; they wait. */
  readonly shortSchedules: readonly {
    readonly scheduleId: number;
    readonly day: number;
    readonly amount: Money;
  }[];
  /** Open holds that ended before `staleBeforeS`, oldest first. */
  readonly staleHolds: readonly { readonly expiresS: number; readonly amount: Money }[];
  /** The last charged jobs since `jobsFromUs`, oldest first. */
  readonly jobs: readonly { readonly job: string; readonly cost: Money; readonly atUs: number }[];
}

export interface AlertAccountFilter {
  /** Absent: every one. */
  readonly names?: readonly string[] | undefined;
  readonly staleBeforeS: number;
  readonly jobsFromUs: number;
  /** Jobs of one budget at most. */
  readonly jobsMax: number;
}

export interface AlertFacts {
  touched(afterSeq: number): Promise<Touched>;
  /** By name. */
  accounts(filter: AlertAccountFilter): Promise<readonly AlertAccount[]>;
  close(): void;
}
