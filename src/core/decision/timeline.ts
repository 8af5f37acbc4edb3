import type { Plan } from '../burn/plan.ts';
import { addDays, addMonths, daysBetween } from '../grant/calendar.ts';
import type { Money } from '../money/money.ts';
import {
  added,
  divided,
  exactly,
  greater,
  lesser,
  multiplied,
  NOTHING,
  type Ratio,
  subtracted,
} from '../money/ratio.ts';
import type { BudgetStatus } from './budget-status.ts';
import { higher, type Level, urgencyOf } from './levels.ts';

export type DeadlineKind = 'CONFERENCE' | 'GRANT_REPORT' | 'PERIOD_END' | 'RENEWAL';

export interface Deadline {
  readonly kind: DeadlineKind;
  readonly description: string;
  /** YYYYMMDD in the site zone. */
  readonly day: number;
}

export interface DeadlineAhead extends Deadline {
  /** Calendar days from today. */
  readonly days: number;
  readonly severity: Level;
}

export interface TimelinePoint {
  readonly day: number;
  /** Micro-dollars, all three. */
  readonly spend: Ratio;
  readonly expected: Ratio;
  readonly remaining: Ratio;
}

export type Guidance = 'EMERGENCY' | 'CONSERVATIVE' | 'AGGRESSIVE' | 'NORMAL';

export interface Timeline {
  readonly deadlines: readonly DeadlineAhead[];
  readonly urgency: Level;
  readonly guidance: Guidance;
  readonly points: readonly TimelinePoint[];
}

export interface TimelineAsk {
  readonly plan: Plan;
  readonly status: BudgetStatus;
  /** UNDERSPENDING with 7 complete days or more. */
  readonly isUnderspending: boolean;
  /** Micro-dollars a day: r of the projection, 0 when it is not known. */
  readonly rate: Ratio;
  /** Of the current period. */
  readonly periodEnd: number;
  readonly deadlines: readonly Deadline[];
  /** 1 to 1095. */
  readonly lookAheadDays: number;
}

const SPEND_DOWN_DAYS = 90;
const PRESERVE_DAYS = 30;

/** Those that lie ahead, by date; past ones are dropped. */
export function deadlinesAhead(
  deadlines: readonly Deadline[],
  today: number,
  lookAheadDays: number,
): readonly DeadlineAhead[] {
  return deadlines
    .map((deadline) => {
      const days = daysBetween(today, deadline.day);
      return { ...deadline, days, severity: urgencyOf(exactly(days)) };
    })
    .filter(({ days }) => days >= 0 && days <= lookAheadDays)
    .toSorted((a, b) => a.days - b.days || (a.description < b.description ? -1 : 1));
}

function guidanceOf({ plan, status, isUnderspending, periodEnd }: TimelineAsk): Guidance {
  const left = daysBetween(plan.input.today, periodEnd);
  if (status.decision === 'EMERGENCY_ONLY') {
    return 'EMERGENCY';
  }
  if (status.decision === 'PREFER_LOCAL') {
    return 'CONSERVATIVE';
  }
  if (isUnderspending && left <= SPEND_DOWN_DAYS) {
    return 'AGGRESSIVE';
  }
  return left < PRESERVE_DAYS ? 'CONSERVATIVE' : 'NORMAL';
}

/** Today, the first of each month, the last day of the range. */
function daysShown(today: number, last: number): readonly number[] {
  const days = [today];
  const first = today - (today % 100) + 1;
  for (let at = 1; ; at += 1) {
    const day = addMonths(first, at);
    if (day >= last) {
      break;
    }
    days.push(day);
  }
  return last > today ? [...days, last] : days;
}

function pointAt(day: number, { plan, rate }: TimelineAsk): TimelinePoint {
  const { today, budget } = plan.input;
  const ahead = daysBetween(today, day);
  const spend = added(exactly(plan.spentBefore(today)), multiplied(rate, exactly(ahead)));
  const share = divided(exactly(plan.elapsed + ahead), exactly(Math.max(1, plan.days)));
  return {
    day,
    spend,
    expected: plan.days === 0 ? NOTHING : multiplied(exactly(budget), share),
    remaining: subtracted(exactly(budget), spend),
  };
}

/** budget.md 4.10, timeline. */
export function timeline(ask: TimelineAsk): Timeline {
  const { today } = ask.plan.input;
  const deadlines = deadlinesAhead(ask.deadlines, today, ask.lookAheadDays);
  return {
    deadlines,
    urgency: deadlines.map(({ severity }) => severity).reduce(higher, 'LOW'),
    guidance: guidanceOf(ask),
    points: daysShown(today, addDays(today, ask.lookAheadDays)).map((day) => pointAt(day, ask)),
  };
}

/** What may be spent in the next 30 days without passing the plan: B·n/D + 30·B/D − cs, as far as it is there. */
export function recommendedSpend(plan: Plan, available: Money): Ratio {
  const { today, budget } = plan.input;
  if (plan.days <= 0) {
    return NOTHING;
  }
  const share = divided(exactly(plan.elapsed + PRESERVE_DAYS), exactly(plan.days));
  const ahead = subtracted(multiplied(exactly(budget), share), exactly(plan.spentBefore(today)));
  return greater(NOTHING, lesser(exactly(available), ahead));
}
