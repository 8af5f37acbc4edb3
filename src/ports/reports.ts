import type {
  AlertRow,
  AlertStatus,
  AlertType,
  DeadlineRow,
  MessageRow,
  Severity,
} from '../core/alerts/rows.ts';
import type { GrantCost } from '../core/grant/outline.ts';
import type { AwardFigures } from '../core/grant/view.ts';
import type { HoldRow, HoldState, LedgerAccountKind, TxnKind } from '../core/ledger/rows.ts';
import type { Submission } from '../core/ledger/submissions.ts';
import type { AccountFigures, FleetView } from '../core/ledger/view.ts';
import type { Money } from '../core/money/money.ts';
import type { ScheduleFigures, ScheduleSelector } from '../core/schedule/view.ts';

// What lists and shows read: one read transaction each, no write lock (reliability.md 2.3). The rows
// that people see (budget.md 1.1, 1.3) are made of these by core/ledger.

export interface AccountReport {
  /** In a list, of no names: money, dates and SLURM names alone; the rest is empty. */
  readonly figures: AccountFigures;
  readonly parentName?: string | undefined;
  /** Numbers of the awards of its budgets, in order of draw. */
  readonly grantNumbers: readonly string[];
  /** True with at least one schedule that is not cancelled. */
  readonly hasSchedule: boolean;
  /** YYYYMMDD: the earliest next date of its active schedules. */
  readonly nextAllocationDay?: number | undefined;
  /** Only of accounts that were asked for by name. */
  readonly schedules?: readonly ScheduleReport[];
  /** Sum of what schedules and hands allocated to its budgets. */
  readonly allocated: Money;
}

/** A schedule as people see it. */
export type ScheduleReport = Pick<
  ScheduleFigures,
  'row' | 'account' | 'accountEndDay' | 'allocated' | 'shortNote'
>;

/** One due date that was posted (budget.md 1.6). */
export interface AllocationReport {
  readonly scheduleId: number;
  readonly dueDay: number;
  readonly amount: Money;
  readonly txnSeq: number;
  readonly atUs: number;
  readonly isByHand: boolean;
  /** Of one by hand. */
  readonly reason: string;
  /** It was taken back: its amount is among what remains again. */
  readonly isReversed: boolean;
}

export interface AccountFilter {
  readonly names?: readonly string[];
  readonly status?: string | undefined;
  /** Number: only accounts with an open budget on it. */
  readonly grant?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface LineReport {
  readonly line: number;
  readonly kind: LedgerAccountKind;
  readonly ownerId: number;
  /** Of the budget's account; '' for source and awards. */
  readonly accountName: string;
  readonly accountId: number;
  readonly amount: Money;
  readonly holdId?: number | undefined;
  readonly partition: string;
}

export interface HoldReport {
  readonly row: HoldRow;
  readonly accountName: string;
  readonly accountId: number;
  readonly parentToken?: string | undefined;
  /** Moment of the transaction that ended it. */
  readonly endedUs?: number | undefined;
}

/** One transaction with everything its outward rows are made of. */
export interface TxnReport {
  readonly seq: number;
  readonly atUs: number;
  readonly kind: TxnKind;
  /** Of an `allocate` by a schedule. */
  readonly run?: { readonly scheduleId: number; readonly dueDay: number } | undefined;
  readonly cause: string;
  readonly over: 0 | 1 | 2;
  readonly effectiveS: number;
  readonly day: number;
  readonly parent?: number | undefined;
  readonly reverses?: number | undefined;
  readonly lines: readonly LineReport[];
  /** The transaction's hold and, of a split, the holds of its tasks; newest state. */
  readonly holds: readonly HoldReport[];
  readonly holdId?: number | undefined;
  readonly actor: string;
  readonly verb: string;
  /** `args.reason` of its journal row, '' without. */
  readonly reason: string;
  /** `args.metadata` of its journal row: a JSON text, '' without. */
  readonly metadata: string;
}

export interface TxnFilter {
  readonly accountName?: string | undefined;
  /** Transactions of holds bound to this job (array id for tasks), of one task where given. */
  readonly jobId?: number | undefined;
  readonly arrayTask?: number | undefined;
  readonly kinds?: readonly TxnKind[] | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly seqs?: readonly number[] | undefined;
  /** Transactions of this hold (a task's: of the split that made it too). */
  readonly holdToken?: string | undefined;
  /** Transactions that opened a hold whose token begins so: tables cut long ids. */
  readonly holdTokenPrefix?: string | undefined;
  /** Adjusts of this transaction. */
  readonly parentSeq?: number | undefined;
  readonly beforeSeq?: number | undefined;
  /** Oldest first instead, and only those after this one. */
  readonly afterSeq?: number | undefined;
  /** The transaction of this due date of a schedule. */
  readonly run?: { readonly scheduleId: number; readonly dueDay: number } | undefined;
  readonly limit: number;
}

export interface HoldFilter {
  /** Open ones unless named. */
  readonly states?: readonly HoldState[] | undefined;
  readonly accountName?: string | undefined;
  readonly limit?: number | undefined;
}

export interface SubmissionFilter {
  readonly accountName?: string | undefined;
  readonly userName?: string | undefined;
  readonly jobId?: number | undefined;
  readonly arrayTask?: number | undefined;
  readonly limit?: number | undefined;
}

export interface FleetFilter {
  /** True: closed instances and intents that are done or failed as well. */
  readonly closed?: boolean | undefined;
  readonly limit?: number | undefined;
}

export interface AlertFilter {
  readonly ids?: readonly number[] | undefined;
  readonly accountName?: string | undefined;
  /** Of the grant itself and of the accounts with an open budget on it. */
  readonly grantNumber?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly type?: AlertType | undefined;
  /** Absent: every status. */
  readonly statuses?: readonly AlertStatus[] | undefined;
  /** Leaves out alerts that are snoozed at this moment (epoch seconds). */
  readonly awakeAtS?: number | undefined;
  /** Triggered no later, and not resolved before `fromUs`: the alerts of a period. */
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface AlertReport {
  readonly row: AlertRow;
  /** Absent with an alert of a grant or of the site. */
  readonly accountName?: string | undefined;
  readonly grantNumber?: string | undefined;
}

export interface DeadlineFilter {
  readonly accountName?: string | undefined;
  /** Of the grant itself and of the accounts with an open budget on it. */
  readonly grantNumber?: string | undefined;
  readonly fromDay?: number | undefined;
  readonly toDay?: number | undefined;
  readonly ids?: readonly number[] | undefined;
  /** Removed ones, too. */
  readonly isRemoved?: boolean | undefined;
}

export interface DeadlineReport {
  /** Of a derived one the id is 0. */
  readonly row: DeadlineRow;
  /** Nobody wrote it down: it follows from the terms of a grant. */
  readonly isDerived?: true;
  readonly accountName?: string | undefined;
  readonly grantNumber?: string | undefined;
}

export interface GrantReport {
  readonly figures: AwardFigures;
  /** With `days`: ascending, one a day with spending. */
  readonly days: readonly GrantCost[];
  /** With `days`: what the recipient bears of the charges. */
  readonly shared: Money;
}

export interface GrantFilter {
  /** Absent: all of them. */
  readonly numbers?: readonly string[] | undefined;
  readonly days?: boolean | undefined;
  /** Fills `figures.entries`. */
  readonly entries?: boolean | undefined;
}

export interface Reports {
  /** Newest first. Unknown numbers are left out. */
  grants(filter: GrantFilter): Promise<readonly GrantReport[]>;
  /** By id. */
  schedules(filter: ScheduleSelector): Promise<readonly ScheduleReport[]>;
  /** Oldest first. */
  allocations(scheduleId: number): Promise<readonly AllocationReport[]>;
  /** For did-you-mean. */
  grantNumbers(): Promise<readonly string[]>;
  /** Gravest first, then newest. */
  alerts(filter: AlertFilter): Promise<readonly AlertReport[]>;
  /** What was or is to be told of these alerts, oldest first. */
  messages(alertIds: readonly number[]): Promise<readonly MessageRow[]>;
  /** Those not removed, by day. */
  deadlines(filter: DeadlineFilter): Promise<readonly DeadlineReport[]>;
  /** Newest first. */
  accounts(filter: AccountFilter): Promise<readonly AccountReport[]>;
  /** For did-you-mean. */
  accountNames(): Promise<readonly string[]>;
  /** That anything was ever held or spent on, or has a limit. */
  partitionNames(): Promise<readonly string[]>;
  /** Newest first. */
  txns(filter: TxnFilter): Promise<readonly TxnReport[]>;
  /** Newest first. */
  holds(filter: HoldFilter): Promise<readonly HoldReport[]>;
  /** Newest first; an array's hold that was split has its tasks instead. */
  submissions(filter: SubmissionFilter): Promise<readonly Submission[]>;
  /** Intents and instances of this cluster, newest intent first; no usage. */
  fleet(filter: FleetFilter): Promise<FleetView>;
  close(): void;
}
