import { type Refused, refused } from '../errors.ts';
import { dayText } from '../grant/calendar.ts';
import type { JsonObject } from '../json.ts';
import { type Bounds, invalid } from '../ledger/account-words.ts';
import type { View } from '../ledger/view.ts';
import { exceeds, isPositive, type Money, toDecimal, toDollars } from '../money/money.ts';
import type { ScheduleFigures } from './view.ts';

/** What a decision about a schedule answers; what it looks like now is read afterwards. */
export interface ScheduleAnswer extends JsonObject {
  readonly schedule_id: number;
}

export function noSuchSchedule(scheduleId: number): Refused {
  return refused('NOT_FOUND', `Allocation schedule ${scheduleId} not found`, {
    advice: 'see asbb allocations list',
    fields: { schedule_id: String(scheduleId) },
  });
}

export function findSchedule(view: View, scheduleId: number): ScheduleFigures | Refused {
  return (
    view.schedules?.find(({ row }) => row.scheduleId === scheduleId) ?? noSuchSchedule(scheduleId)
  );
}

/** Completed and cancelled are final (budget.md 3.4). */
export function ended({ row }: ScheduleFigures): Refused | undefined {
  return row.status === 'completed' || row.status === 'cancelled'
    ? invalid(
        'status',
        `allocation schedule ${row.scheduleId} is ${row.status}`,
        'create another one with asbb allocations create',
      )
    : undefined;
}

export function badTotal(total: Money, { least, most }: Bounds): Refused | undefined {
  return !isPositive(total) || exceeds(least, total) || exceeds(total, most)
    ? invalid(
        'total_budget',
        `a total budget is between $${toDecimal(least)} and $${toDecimal(most)}`,
        'see budget.min_budget_amount and budget.max_budget_amount in the configuration',
      )
    : undefined;
}

export function badAmount(amount: Money, total: Money): Refused | undefined {
  if (!isPositive(amount)) {
    return invalid('allocation_amount', '--allocation-amount must be more than 0');
  }
  return exceeds(amount, total)
    ? invalid(
        'allocation_amount',
        `one allocation of ${toDollars(amount)} is more than the total of ${toDollars(total)}`,
        'lower --allocation-amount, or raise --total-budget',
      )
    : undefined;
}

export function badEnd(
  endDay: number | undefined,
  startDay: number,
  accountEndDay: number,
): Refused | undefined {
  if (endDay === undefined) {
    return;
  }
  if (endDay < startDay) {
    return invalid('end_date', `the schedule would end before it starts (${dayText(startDay)})`);
  }
  return endDay > accountEndDay
    ? invalid(
        'end_date',
        `the account ends on ${dayText(accountEndDay)}, before the schedule`,
        'choose an earlier --end, or move the end with asbb account update --end',
      )
    : undefined;
}
