import { ONE_CENT } from '../money/estimate.ts';
import { exceeds, greatest, type Money, minus, ZERO } from '../money/money.ts';
import {
  absoluteRatio,
  divided,
  exactly,
  greater,
  multiplied,
  NOTHING,
  type Ratio,
  subtracted,
  toFixed,
} from '../money/ratio.ts';

// What a real cost says of its estimate and its hold (budget.md 4.11).

export interface CostFacts {
  /** Undefined: nobody estimated it. */
  readonly estimate: Money | undefined;
  readonly actual: Money;
  /** What was still held of it: 0 of a hold that had been given back before. */
  readonly hold: Money;
}

export interface CostFigures {
  /** actual − estimate. */
  readonly variance: Money;
  /** Percent of the estimate; 0 without one. */
  readonly variancePct: Ratio;
  /** actual ÷ estimate; 0 without one. */
  readonly ratio: Ratio;
  /** 0 to 1. */
  readonly accuracy: Ratio;
  readonly released: Money;
  readonly additional: Money;
}

const HUNDRED = exactly(100);
const ONE = exactly(1);
const DIGITS = 9;

export function costFigures({ estimate, actual, hold }: CostFacts): CostFigures {
  const base = estimate ?? ZERO;
  const variance = minus(actual, base);
  const isNone = !exceeds(base, ZERO);
  const share = divided(exactly(variance), exactly(greatest(base, ONE_CENT)));
  return {
    variance,
    variancePct: isNone ? NOTHING : multiplied(divided(exactly(variance), exactly(base)), HUNDRED),
    ratio: isNone ? NOTHING : divided(exactly(actual), exactly(base)),
    accuracy: greater(NOTHING, subtracted(ONE, absoluteRatio(share))),
    released: greatest(ZERO, minus(hold, actual)),
    additional: greatest(ZERO, minus(actual, hold)),
  };
}

/** As it is kept: nine digits. */
export function ratioText(ratio: Ratio): string {
  return toFixed(ratio, DIGITS);
}
