import { addDays, daysBetween } from '../grant/calendar.ts';
import { type Money, ZERO } from '../money/money.ts';
import {
  compared,
  exactly,
  greater,
  lesser,
  type Ratio,
  toCents,
  toNumber,
} from '../money/ratio.ts';
import { type BurnInput, type DaySum, planOf } from './plan.ts';
import { project } from './project.ts';
import { burnDay, rollingAverage } from './rate.ts';

/** One row of budget.md 1.9: a day as of its end. Rates are cents; percentages and the score 1/10000. */
export interface BurnRateRow {
  readonly accountId: number;
  readonly day: number;
  readonly spend: Money;
  readonly expected: Money;
  readonly varianceE4: number;
  readonly rolling7: Money;
  readonly rolling30: Money;
  readonly cumulativeSpend: Money;
  readonly cumulativeExpected: Money;
  readonly cumulativeVarianceE4: number;
  readonly endDay: number | undefined;
  readonly depletionDay: number | undefined;
  readonly scoreE4: number;
}

const DIGITS = 4;
/** Of a deviation: what is beyond says no more, and the column holds it. */
const MOST = exactly(1_000_000_000);
const LEAST = exactly(-1_000_000_000);

function e4(value: Ratio): number {
  const kept = compared(value, MOST) > 0 ? MOST : greater(LEAST, lesser(value, MOST));
  return Math.round(toNumber(kept, DIGITS) * 10 ** DIGITS);
}

/** The day with the figures and the projection that hold at its end. */
export function measureDay(input: BurnInput, accountId: number, day: number): BurnRateRow {
  const plan = planOf({ ...input, today: addDays(day, 1) });
  const figures = burnDay(plan, day);
  const projection = project(plan);
  return {
    accountId,
    day,
    spend: figures.spent,
    expected: toCents(figures.expected),
    varianceE4: e4(figures.variance),
    rolling7: toCents(rollingAverage(plan, 7)),
    rolling30: toCents(rollingAverage(plan, 30)),
    cumulativeSpend: figures.cumulativeSpend,
    cumulativeExpected: toCents(figures.cumulativeExpected),
    cumulativeVarianceE4: e4(figures.cumulativeVariance),
    endDay: projection?.endDay,
    depletionDay: projection?.depletionDay,
    scoreE4: e4(figures.healthScore),
  };
}

/**
 * The days to measure, oldest first: from the first that was not, or whose spending changed since (a late
 * charge), up to yesterday or the last day of the budget; at most `most`.
 */
export function daysToMeasure(
  { start, end, today, days }: BurnInput,
  measured: readonly DaySum[],
  most: number,
): readonly number[] {
  const last = Math.min(end, addDays(today, -1));
  const spent = new Map(days.map((each) => [each.day, each.spent]));
  const stale = measured.find((each) => (spent.get(each.day) ?? ZERO) !== each.spent);
  const known = new Set(measured.map(({ day }) => day));
  let from = start;
  while (from <= last && from !== stale?.day && known.has(from)) {
    from = addDays(from, 1);
  }
  const count = Math.min(most, Math.max(0, daysBetween(from, last) + 1));
  return Array.from({ length: count }, (_, at) => addDays(from, at));
}
