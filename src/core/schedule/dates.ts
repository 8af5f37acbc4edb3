import { addDays, addMonths } from '../grant/calendar.ts';
import type { Money } from '../money/money.ts';
import { exceeds, isPositive, isZero, minus, ZERO } from '../money/money.ts';
import type { Frequency, ScheduleRow } from './rows.ts';
import type { ScheduleFigures } from './view.ts';

const DAYS_PER_WEEK = 7;
const MONTHS = { monthly: 1, quarterly: 3, yearly: 12 } as const;

/** Due date k from the anchor (budget.md 4.5): never chained, so month ends do not drift. */
export function dueDay(anchorDay: number, frequency: Frequency, k: number): number {
  switch (frequency) {
    case 'daily':
      return addDays(anchorDay, k);
    case 'weekly':
      return addDays(anchorDay, DAYS_PER_WEEK * k);
    case 'monthly':
    case 'quarterly':
    case 'yearly':
      return addMonths(anchorDay, MONTHS[frequency] * k);
  }
}

/** The due date that `anchorIndex` names. */
export function currentDay({ anchorDay, frequency, anchorIndex }: ScheduleRow): number {
  return dueDay(anchorDay, frequency, anchorIndex);
}

/** The last date on which an allocation may fall: its own end, else the account's. */
export function lastDayOf({
  row,
  accountEndDay,
}: Pick<ScheduleFigures, 'row' | 'accountEndDay'>): number {
  return row.endDay ?? accountEndDay;
}

export function remainingOf({ row, allocated }: Pick<ScheduleFigures, 'row' | 'allocated'>): Money {
  return minus(row.total, allocated);
}

/** The amount of one due date: the last one gets what remains. */
export function amountDue(row: ScheduleRow, remaining: Money): Money {
  return exceeds(row.amount, remaining) ? remaining : row.amount;
}

/** What people see as `next_allocation_amount`: 0 unless it is active. */
export function nextAmount(figures: Pick<ScheduleFigures, 'row' | 'allocated'>): Money {
  const remaining = remainingOf(figures);
  return figures.row.status === 'active' && isPositive(remaining)
    ? amountDue(figures.row, remaining)
    : ZERO;
}

/** Active or paused by what remains and by its last day, else completed; k stays. */
export function settled(row: ScheduleRow, remaining: Money, lastDay: number): ScheduleRow {
  const day = currentDay(row);
  return isZero(remaining) || day > lastDay
    ? { ...row, status: 'completed', nextDay: undefined }
    : { ...row, nextDay: day };
}

/** K of the first due date from `day` on. */
export function indexFrom(row: ScheduleRow, day: number): number {
  let k = row.anchorIndex;
  while (dueDay(row.anchorDay, row.frequency, k) < day) {
    k += 1;
  }
  return k;
}
