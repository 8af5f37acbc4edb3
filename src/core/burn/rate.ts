import { addDays, daysBetween } from '../grant/calendar.ts';
import { type Money, minus } from '../money/money.ts';
import {
  absoluteRatio,
  compared,
  divided,
  exactly,
  greater,
  multiplied,
  NOTHING,
  type Ratio,
  subtracted,
} from '../money/ratio.ts';
import { MONTH_DAYS, type Period, periodStart } from './period.ts';
import { type BurnInput, type Plan, planOf } from './plan.ts';

export type BurnStatus = 'OVERSPENDING' | 'ON_TRACK' | 'UNDERSPENDING' | 'UNKNOWN';
export type HealthStatus = 'HEALTHY' | 'CONCERN' | 'WARNING' | 'CRITICAL';

/** `[from, to)`: the days of the window are before `to`, which is today. */
export interface BurnWindow {
  readonly from: number;
  readonly to: number;
  readonly days: number;
}

/** budget.md 4.6: exact; money ratios in micro-dollars, percentages in percent. */
export interface BurnMetrics {
  readonly window: BurnWindow;
  readonly dailySpend: Ratio;
  readonly dailyExpected: Ratio;
  readonly variance: Ratio;
  readonly rolling7: Ratio;
  readonly rolling30: Ratio;
  readonly cumulativeSpend: Money;
  readonly cumulativeExpected: Ratio;
  readonly cumulativeVariance: Ratio;
  readonly healthScore: Ratio;
  readonly health: HealthStatus;
  readonly status: BurnStatus;
  /** B − used − held. */
  readonly remaining: Money;
  readonly remainingPercent: Ratio;
  readonly timeRemainingDays: number;
}

/** One day of the window; what is cumulative stands as of its end. */
export interface BurnDay {
  readonly day: number;
  readonly spent: Money;
  readonly expected: Ratio;
  readonly variance: Ratio;
  readonly cumulativeSpend: Money;
  readonly cumulativeExpected: Ratio;
  readonly cumulativeVariance: Ratio;
  readonly healthScore: Ratio;
}

const HUNDRED = exactly(100);
const OVER = exactly(20);
const UNDER = exactly(-20);
const HEALTH: readonly (readonly [number, HealthStatus])[] = [
  [80, 'HEALTHY'],
  [60, 'CONCERN'],
  [40, 'WARNING'],
];

/** How far `actual` lies from `expected`, in percent of it; 0 where nothing is expected. */
function variancePercent(actual: Ratio, expected: Ratio): Ratio {
  return expected.num === NOTHING.num
    ? NOTHING
    : multiplied(divided(subtracted(actual, expected), expected), HUNDRED);
}

/** 100 where nothing is expected yet, else what is left of 100 after the deviation in percent. */
function healthScore(spent: Money, expected: Ratio): Ratio {
  return greater(
    NOTHING,
    subtracted(HUNDRED, absoluteRatio(variancePercent(exactly(spent), expected))),
  );
}

/** By the exact score: what shows as 80.00 may still be CONCERN. */
function healthStatus(score: Ratio): HealthStatus {
  return HEALTH.find(([least]) => compared(score, exactly(least)) >= 0)?.[1] ?? 'CRITICAL';
}

function burnStatus(variance: Ratio, elapsed: number): BurnStatus {
  if (elapsed === 0) {
    return 'UNKNOWN';
  }
  if (compared(variance, OVER) > 0) {
    return 'OVERSPENDING';
  }
  return compared(variance, UNDER) < 0 ? 'UNDERSPENDING' : 'ON_TRACK';
}

/** The days of a period that the budget has seen: none before its first. */
export function windowOf({ start, today }: BurnInput, period: Period = MONTH_DAYS): BurnWindow {
  const from = Math.min(Math.max(start, periodStart(today, period)), today);
  return { from, to: today, days: daysBetween(from, today) };
}

/** Spending a day over the last complete days, at most `days`; 0 without one. */
export function rollingAverage(plan: Plan, days: number): Ratio {
  const { today } = plan.input;
  const known = Math.min(days, plan.elapsed);
  return known === 0 ? NOTHING : perDay(plan, addDays(today, -known), today);
}

function perDay(plan: Plan, from: number, to: number): Ratio {
  const days = daysBetween(from, to);
  const spent = minus(plan.spentBefore(to), plan.spentBefore(from));
  return days === 0 ? NOTHING : divided(exactly(spent), exactly(days));
}

/** All figures of budget.md 4.6 on `plan.input.today`, for the last 30 days or another window. */
export function burnMetrics(plan: Plan, window = windowOf(plan.input)): BurnMetrics {
  const { today, budget, used, held } = plan.input;
  const dailySpend = perDay(plan, window.from, window.to);
  const dailyExpected = plan.expectedOn(today);
  const variance = variancePercent(dailySpend, dailyExpected);
  const cumulativeSpend = plan.spentBefore(today);
  const cumulativeExpected = plan.expectedBefore(today);
  const score = healthScore(cumulativeSpend, cumulativeExpected);
  const remaining = minus(minus(budget, used), held);
  const whole = exactly(budget);
  return {
    window,
    dailySpend,
    dailyExpected,
    variance,
    rolling7: rollingAverage(plan, 7),
    rolling30: rollingAverage(plan, 30),
    cumulativeSpend,
    cumulativeExpected,
    cumulativeVariance: variancePercent(exactly(cumulativeSpend), cumulativeExpected),
    healthScore: score,
    health: healthStatus(score),
    status: burnStatus(variance, plan.elapsed),
    remaining,
    remainingPercent:
      whole.num === NOTHING.num ? NOTHING : multiplied(divided(exactly(remaining), whole), HUNDRED),
    timeRemainingDays: Math.max(0, daysBetween(today, plan.end)),
  };
}

/** Each day of the window, oldest first. */
export function burnDays(plan: Plan, window: BurnWindow): readonly BurnDay[] {
  return Array.from({ length: window.days }, (_, at) => burnDay(plan, addDays(window.from, at)));
}

/** One day, with what is cumulative as of its end. */
export function burnDay(plan: Plan, day: number): BurnDay {
  const next = addDays(day, 1);
  const cumulativeSpend = plan.spentBefore(next);
  const spent = minus(cumulativeSpend, plan.spentBefore(day));
  const expected = plan.expectedOn(day);
  const cumulativeExpected = plan.expectedBefore(next);
  return {
    day,
    spent,
    expected,
    variance: variancePercent(exactly(spent), expected),
    cumulativeSpend,
    cumulativeExpected,
    cumulativeVariance: variancePercent(exactly(cumulativeSpend), cumulativeExpected),
    healthScore: healthScore(cumulativeSpend, cumulativeExpected),
  };
}

/** Plan and figures at once, for those who need no more. */
export function burnRate(
  input: BurnInput,
  period?: Period,
): { readonly plan: Plan; readonly metrics: BurnMetrics } {
  const plan = planOf(input);
  return { plan, metrics: burnMetrics(plan, windowOf(input, period)) };
}
