import { isRefused, type Refused } from '../errors.ts';
import { firstOf } from '../ledger/account-words.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { isZero, type Money } from '../money/money.ts';
import { dueDay, indexFrom, lastDayOf, remainingOf, settled } from './dates.ts';
import type { Frequency, ScheduleRow, UnspentRule } from './rows.ts';
import type { ScheduleFigures } from './view.ts';
import { badAmount, badEnd, ended, findSchedule, type ScheduleAnswer } from './words.ts';

// What a person does to a schedule: pause, resume, cancel, update. Query: schedules.ids.

type Answer = Decision<ScheduleAnswer> | Refused;

function same(a: ScheduleRow, b: ScheduleRow): boolean {
  const keys = Object.keys({ ...a, ...b }) as (keyof ScheduleRow)[]; // both are rows
  return keys.every((key) => key === 'updatedUs' || a[key] === b[key]);
}

function put(view: View, before: ScheduleRow, after: ScheduleRow): Decision<ScheduleAnswer> {
  const change: Change = { change: 'putSchedule', row: { ...after, updatedUs: view.nowUs } };
  return {
    changes: same(before, after) ? [] : [change],
    answer: { schedule_id: before.scheduleId },
  };
}

/** Nothing is posted while it is paused. VALIDATION_ERROR when it has ended. */
export function pauseSchedule(view: View, scheduleId: number): Answer {
  const figures = findSchedule(view, scheduleId);
  return isRefused(figures)
    ? figures
    : (ended(figures) ?? put(view, figures.row, { ...figures.row, status: 'paused' }));
}

/**
 * Goes on: missed dates are caught up at the next run, or skipped, and then their money stays in what
 * remains, so that the schedule ends later. VALIDATION_ERROR when it has ended.
 */
export function resumeSchedule(
  view: View,
  { scheduleId, skipMissed }: { readonly scheduleId: number; readonly skipMissed: boolean },
): Answer {
  const figures = findSchedule(view, scheduleId);
  if (isRefused(figures)) {
    return figures;
  }
  const obstacle = ended(figures);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const { row } = figures;
  if (row.status === 'active') {
    return put(view, row, row); // it was never stopped: nothing is missed by choice
  }
  const anchorIndex = skipMissed ? indexFrom(row, view.today) : row.anchorIndex;
  const active: ScheduleRow = { ...row, status: 'active', anchorIndex };
  return put(view, row, settled(active, remainingOf(figures), lastDayOf(figures)));
}

/** Ends it for good; what was allocated stays. VALIDATION_ERROR when it was completed. */
export function cancelSchedule(view: View, scheduleId: number): Answer {
  const figures = findSchedule(view, scheduleId);
  if (isRefused(figures)) {
    return figures;
  }
  const { row } = figures;
  return (
    (row.status === 'cancelled' ? undefined : ended(figures)) ??
    put(view, row, { ...row, status: 'cancelled', nextDay: undefined })
  );
}

/** What is absent stays as it is. */
export interface UpdateSchedule {
  readonly scheduleId: number;
  readonly amount?: Money | undefined;
  readonly frequency?: Frequency | undefined;
  /** '' of a person: the account's end again. */
  readonly endDay?: number | 'account' | undefined;
  readonly auto?: boolean | undefined;
  readonly unspent?: UnspentRule | undefined;
}

/** Another frequency counts from the next date on. */
function anchored(row: ScheduleRow, frequency: Frequency | undefined): ScheduleRow {
  return frequency === undefined || frequency === row.frequency
    ? row
    : {
        ...row,
        frequency,
        anchorDay: dueDay(row.anchorDay, row.frequency, row.anchorIndex),
        anchorIndex: 0,
      };
}

function endOf({ row }: ScheduleFigures, { endDay }: UpdateSchedule): number | undefined {
  if (endDay === undefined) {
    return row.endDay;
  }
  return endDay === 'account' ? undefined : endDay;
}

/** A smaller end completes it at once when no date is left. VALIDATION_ERROR. */
export function updateSchedule(view: View, ask: UpdateSchedule): Answer {
  const figures = findSchedule(view, ask.scheduleId);
  if (isRefused(figures)) {
    return figures;
  }
  const { row, accountEndDay } = figures;
  const endDay = endOf(figures, ask);
  const obstacle = firstOf(
    ended(figures),
    ask.amount === undefined ? undefined : badAmount(ask.amount, row.total),
    typeof ask.endDay === 'number' ? badEnd(endDay, row.startDay, accountEndDay) : undefined,
  );
  if (obstacle !== undefined) {
    return obstacle;
  }
  const changed: ScheduleRow = {
    ...anchored(row, ask.frequency),
    amount: ask.amount ?? row.amount,
    endDay,
    auto: ask.auto ?? row.auto,
    unspent: ask.unspent ?? row.unspent,
  };
  const remaining = remainingOf(figures);
  const lastDay = lastDayOf({ ...figures, row: changed });
  return put(view, row, isZero(remaining) ? changed : settled(changed, remaining, lastDay));
}
