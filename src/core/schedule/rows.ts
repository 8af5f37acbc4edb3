import type { Money } from '../money/money.ts';

// The rows of allocation schedules in core's words (budget.md 1.5, 1.6).

export const FREQUENCIES = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
export type Frequency = (typeof FREQUENCIES)[number];
export const SCHEDULE_STATUSES = ['active', 'paused', 'completed', 'cancelled'] as const;
export type ScheduleStatus = (typeof SCHEDULE_STATUSES)[number];
export const UNSPENT_RULES = ['carry', 'lapse'] as const;
export type UnspentRule = (typeof UNSPENT_RULES)[number];

/** Money that a budget gets by calendar. Days are YYYYMMDD in the site zone. */
export interface ScheduleRow {
  readonly scheduleId: number;
  readonly budgetId: number;
  readonly total: Money;
  /** Of one due date; the last one gets what remains. */
  readonly amount: Money;
  /** lapse: what is left of an allocation is taken off again before the next. */
  readonly unspent: UnspentRule;
  readonly frequency: Frequency;
  readonly status: ScheduleStatus;
  /** False: only when it is named (`allocations process --schedule`). */
  readonly auto: boolean;
  /** The first due date. */
  readonly startDay: number;
  /** The last day on which an allocation may fall; absent: the account's last day. */
  readonly endDay?: number | undefined;
  /** Due date k lies k steps behind the anchor: no drift at month ends. */
  readonly anchorDay: number;
  /** k of the next due date. */
  readonly anchorIndex: number;
  /** Absent when completed or cancelled. */
  readonly nextDay?: number | undefined;
  readonly createdUs: number;
  readonly updatedUs: number;
}

/** Append-only: one due date that was posted, by calendar or by hand. */
export interface ScheduleRunRow {
  readonly scheduleId: number;
  readonly dueDay: number;
  readonly txnSeq: number;
}
