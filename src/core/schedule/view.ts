import type { AccountRow, BudgetRow } from '../ledger/rows.ts';
import type { Money } from '../money/money.ts';
import type { ScheduleRow, ScheduleRunRow, ScheduleStatus } from './rows.ts';

// What decisions about schedules see and change; core/ledger/{view,change}.ts hook these in.

/** All conditions hold together. Ordered by id. */
export interface ScheduleSelector {
  readonly ids?: readonly number[] | undefined;
  /** By our own account names. */
  readonly accounts?: readonly string[] | undefined;
  readonly status?: ScheduleStatus | undefined;
  /** Active ones whose next date is this day (YYYYMMDD) or earlier. */
  readonly dueBy?: number | undefined;
  /** Only those that are posted without being named. */
  readonly auto?: boolean | undefined;
  /** The schedules whose runs these transactions are. */
  readonly runSeqs?: readonly number[] | undefined;
  readonly afterId?: number | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface ScheduleRun {
  readonly day: number;
  readonly amount: Money;
}

/** A schedule with everything that its next allocation depends on. */
export interface ScheduleFigures {
  readonly row: ScheduleRow;
  readonly account: Pick<AccountRow, 'accountId' | 'name' | 'status' | 'startS' | 'endS'>;
  /** The account's last day in the site zone. */
  readonly accountEndDay: number;
  readonly budget: Pick<BudgetRow, 'budgetId' | 'awardId' | 'closed'>;
  /** Of the budget; with basis total held includes fa_held. */
  readonly free: Money;
  readonly held: Money;
  /** Of the account, what lies below it counted. */
  readonly available: Money;
  /** Balance of the award that it draws on. */
  readonly awardFree?: Money | undefined;
  /** What its runs that stand add up to. */
  readonly allocated: Money;
  /** Days from the next date on that have a run already (by hand). */
  readonly runDays: readonly number[];
  /** The latest run that stands. */
  readonly lastRun?: ScheduleRun | undefined;
  /** Of the budget by day, from the latest run on; only filled for `lapse`. */
  readonly spent: readonly ScheduleRun[];
  /** Note of a due date that the award could not pay, '' without. */
  readonly shortNote: string;
}

export type ScheduleLedgerChange =
  | { readonly change: 'putSchedule'; readonly row: ScheduleRow }
  /** Names a transaction of the same decision. */
  | { readonly change: 'insertScheduleRun'; readonly row: ScheduleRunRow };
