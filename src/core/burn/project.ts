import { addDays, daysBetween } from '../grant/calendar.ts';
import { minus } from '../money/money.ts';
import {
  added,
  compared,
  divided,
  exactly,
  floored,
  fraction,
  greater,
  lesser,
  multiplied,
  NOTHING,
  type Ratio,
  squareRoot,
  subtracted,
} from '../money/ratio.ts';
import type { Plan } from './plan.ts';

export type Risk = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** Where spending goes on as it did. Money ratios are micro-dollars. */
export interface Projection {
  /** r: what a day is taken to cost from now on. */
  readonly rate: Ratio;
  readonly finalSpend: Ratio;
  /** 95 % of the outcomes lie here if the days to come scatter as those seen; never below what is spent. */
  readonly low: Ratio;
  readonly high: Ratio;
  readonly overrun: Ratio;
  readonly underrun: Ratio;
  /** When the money is gone; undefined when it lasts to the end. */
  readonly depletionDay: number | undefined;
  readonly endDay: number;
  /** 0.10 to 0.95. */
  readonly confidence: Ratio;
  readonly risk: Risk;
}

/** Fewer complete days than these say nothing. */
export const DAYS_NEEDED = 7;
const DAYS_USED = 30;
const LEAST = fraction('0.10');
const MOST = fraction('0.95');
const BY_SCATTER = fraction('0.15');
const BY_DAYS = fraction('0.30');
/** Standard deviations either side that hold 95 % of a normal distribution. */
const SIDES = fraction('1.96');
const RISKS: readonly (readonly [number, Risk])[] = [
  [0, 'LOW'],
  [5, 'MEDIUM'],
  [25, 'HIGH'],
];

interface Scatter {
  readonly mean: Ratio;
  readonly variance: Ratio;
}

/** Mean and population variance of the spending of the `days` complete days before today. */
function scatterOf(plan: Plan, days: number): Scatter {
  const { today } = plan.input;
  const from = addDays(today, -days);
  const count = exactly(days);
  const mean = divided(exactly(minus(plan.spentBefore(today), plan.spentBefore(from))), count);
  // Days without spending are most of them in a quiet account: their square is known.
  let [squares, seen] = [NOTHING, 0];
  for (const { day, spent } of plan.input.days) {
    if (day >= from && day < today) {
      const off = subtracted(exactly(spent), mean);
      squares = added(squares, multiplied(off, off));
      seen += 1;
    }
  }
  const quiet = multiplied(multiplied(mean, mean), exactly(days - seen));
  return { mean, variance: divided(added(squares, quiet), count) };
}

function confidenceOf({ mean, variance }: Scatter, days: number): Ratio {
  const relative = compared(mean, NOTHING) === 0 ? NOTHING : divided(squareRoot(variance), mean);
  const scatter = multiplied(BY_SCATTER, lesser(relative, exactly(3)));
  const missing = multiplied(
    BY_DAYS,
    subtracted(exactly(1), divided(exactly(Math.min(days, DAYS_USED)), exactly(DAYS_USED))),
  );
  return greater(LEAST, lesser(MOST, subtracted(subtracted(MOST, scatter), missing)));
}

function riskOf(overrun: Ratio, budget: Ratio): Risk {
  if (compared(overrun, NOTHING) === 0) {
    return 'LOW';
  }
  if (compared(budget, NOTHING) === 0) {
    return 'CRITICAL';
  }
  const percent = multiplied(divided(overrun, budget), exactly(100));
  return RISKS.find(([most]) => compared(percent, exactly(most)) <= 0)?.[1] ?? 'CRITICAL';
}

/** cs ≥ B: today; else when the rest lasts no longer, if that is not after the end. */
function depletionOf(plan: Plan, rate: Ratio): number | undefined {
  const { today, budget } = plan.input;
  const left = exactly(minus(budget, plan.spentBefore(today)));
  if (compared(left, NOTHING) <= 0) {
    return today;
  }
  if (compared(rate, NOTHING) <= 0) {
    return;
  }
  const days = floored(divided(left, rate));
  return days <= daysBetween(today, plan.end) ? addDays(today, days) : undefined;
}

/**
 * budget.md 4.6: the rolling average of the last 30 complete days (or of `days`), kept up to the end.
 * Undefined with fewer than 7 complete days.
 */
export function project(plan: Plan, days = DAYS_USED): Projection | undefined {
  const { elapsed, input } = plan;
  if (elapsed < DAYS_NEEDED) {
    return;
  }
  const used = Math.max(1, Math.min(days, elapsed));
  const scatter = scatterOf(plan, used);
  const spent = exactly(plan.spentBefore(input.today));
  const budget = exactly(input.budget);
  const ahead = exactly(plan.days - elapsed);
  const finalSpend = added(spent, multiplied(scatter.mean, ahead));
  const overrun = greater(NOTHING, subtracted(finalSpend, budget));
  // Of the sum of `ahead` further days, and of the mean itself, which was taken from `used` days.
  const spread = added(ahead, divided(multiplied(ahead, ahead), exactly(used)));
  const half = multiplied(SIDES, squareRoot(multiplied(scatter.variance, spread)));
  return {
    rate: scatter.mean,
    finalSpend,
    low: lesser(finalSpend, greater(spent, subtracted(finalSpend, half))),
    high: added(finalSpend, half),
    overrun,
    underrun: greater(NOTHING, subtracted(budget, finalSpend)),
    depletionDay: depletionOf(plan, scatter.mean),
    endDay: plan.end,
    confidence: confidenceOf(scatter, used),
    risk: riskOf(overrun, budget),
  };
}
