import { assert } from '../errors.ts';
import { absolute, isNegative, type Money, minus, negate } from './money.ts';

// Indirect (F&A) costs and shares of a charge (budget.md 4.13, 8.3). A rate of 10000 is 100 %.

/** A federal share of the whole. */
export const WHOLLY_FEDERAL_E4 = 10_000;
const ONE_E4 = 10_000n;
const MICROS_PER_CENT = 10_000n;
const CENT_E4 = ONE_E4 * MICROS_PER_CENT;

// The casts in this file: integer arithmetic on micro-dollars gives micro-dollars.

/** What a whole cumulated base bears: rounded half up to the cent (I14). */
export function indirectOf(base: Money, rateE4: number): Money {
  assert(base >= 0n, 'a base of F&A is never negative');
  return (((base * BigInt(rateE4) + CENT_E4 / 2n) / CENT_E4) * MICROS_PER_CENT) as Money;
}

/** What a hold of a task bears: rounded up to the micro-dollar. */
export function indirectHeld(amount: Money, rateE4: number): Money {
  assert(amount >= 0n, 'a hold is never negative');
  return ((amount * BigInt(rateE4) + ONE_E4 - 1n) / ONE_E4) as Money;
}

/** What is left when the federal share of it, to the cent, is taken off; of what is negative likewise. */
export function recipientPart(amount: Money, shareE4: number): Money {
  const size = absolute(amount);
  const federal = ((size * BigInt(shareE4) + CENT_E4 / 2n) / CENT_E4) * MICROS_PER_CENT;
  const part = minus(size, federal as Money);
  return isNegative(amount) ? negate(part) : part;
}

/** total / (1 + rate), to the cent: what is direct of an award that is wholly in the base. */
export function directPart(total: Money, rateE4: number): Money {
  const whole = ONE_E4 + BigInt(rateE4);
  const size = absolute(total) * ONE_E4;
  const cents = (size * 2n + whole * MICROS_PER_CENT) / (2n * whole * MICROS_PER_CENT);
  return ((isNegative(total) ? -cents : cents) * MICROS_PER_CENT) as Money;
}
