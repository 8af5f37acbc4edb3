import { isRefused, type Refused, refused } from '../errors.ts';
import { dayText } from '../grant/calendar.ts';
import { invalid } from '../ledger/account-words.ts';
import type { Change, Decision } from '../ledger/change.ts';
import { effectiveStatus } from '../ledger/usable.ts';
import type { View } from '../ledger/view.ts';
import {
  exceeds,
  isPositive,
  type Money,
  minus,
  toDollarsDown,
  toDollarsUp,
  toMicrosText,
} from '../money/money.ts';
import { currentDay, lastDayOf, remainingOf, settled } from './dates.ts';
import { newPosting, postAllocation } from './posting.ts';
import type { ProcessAnswer } from './process.ts';
import type { ScheduleFigures } from './view.ts';
import { ended, findSchedule } from './words.ts';

export interface AllocateByHand {
  readonly scheduleId: number;
  readonly amount: Money;
}

function unfit(figures: ScheduleFigures, amount: Money, view: View): Refused | undefined {
  const remaining = remainingOf(figures);
  if (!isPositive(amount)) {
    return invalid('amount', '--amount must be more than 0');
  }
  if (exceeds(amount, remaining)) {
    return invalid(
      'amount',
      `schedule ${figures.row.scheduleId} has ${toDollarsDown(remaining)} left to allocate`,
      'ask for at most that, or use asbb account deposit',
    );
  }
  const { account, budget } = figures;
  const status = effectiveStatus(account, view.nowS);
  return status === 'active' && !budget.closed
    ? undefined
    : refused('ACCOUNT_INACTIVE', `Account '${account.name}' is not active`, {
        advice: `Current status: ${budget.closed ? 'closed' : status}`,
        fields: { account: account.name, status },
      });
}

function taken({ row, runDays, lastRun }: ScheduleFigures, today: number): Refused | undefined {
  return runDays.includes(today) || lastRun?.day === today
    ? refused(
        'DUPLICATE',
        `schedule ${row.scheduleId} has its allocation of ${dayText(today)} already`,
        {
          advice: 'one allocation a day: repeat tomorrow, or use asbb account deposit',
          fields: { schedule_id: String(row.scheduleId), day: dayText(today) },
        },
      )
    : undefined;
}

function awardShort({ awardFree }: ScheduleFigures, amount: Money): Refused | undefined {
  return awardFree !== undefined && exceeds(amount, awardFree)
    ? refused(
        'INSUFFICIENT_BUDGET',
        `the award has ${toDollarsDown(awardFree)} left, this needs ${toDollarsUp(amount)}`,
        {
          advice: 'see asbb grant show, or supplement the grant',
          fields: { required: toMicrosText(amount), available: toMicrosText(awardFree) },
        },
      )
    : undefined;
}

/**
 * An allocation by hand, today, out of what remains; on a due date it stands for that date. Query:
 * schedules.ids. NOT_FOUND, VALIDATION_ERROR, DUPLICATE, ACCOUNT_INACTIVE, INSUFFICIENT_BUDGET (award).
 */
export function allocateByHand(
  view: View,
  { scheduleId, amount }: AllocateByHand,
): Decision<ProcessAnswer> | Refused {
  const figures = findSchedule(view, scheduleId);
  if (isRefused(figures)) {
    return figures;
  }
  const obstacle =
    ended(figures) ??
    unfit(figures, amount, view) ??
    taken(figures, view.today) ??
    awardShort(figures, amount);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const posting = newPosting(view.next.seq);
  const { budget, row } = figures;
  const due = { scheduleId, budget, day: view.today, effectiveS: view.nowS };
  postAllocation(posting, figures, { ...due, amount, cause: 'manual' });
  const isDate = currentDay(row) === view.today;
  const after = { ...row, anchorIndex: row.anchorIndex + (isDate ? 1 : 0) };
  const next = settled(after, minus(remainingOf(figures), amount), lastDayOf(figures));
  const change: Change = { change: 'putSchedule', row: { ...next, updatedUs: view.nowUs } };
  return {
    changes: [...posting.changes, change],
    answer: { allocations: posting.allocations, unposted: [], isCut: false },
  };
}
