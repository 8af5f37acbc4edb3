import { assert } from '../errors.ts';

declare const brand: unique symbol;
/** Micro-dollars (1 USD = 1,000,000). Only this folder makes one or computes with one. */
export type Money = bigint & { readonly [brand]: 'Money' };

const MICROS_PER_DOLLAR = 1_000_000n;
const MICROS_PER_CENT = 10_000n;
const FRACTION_DIGITS = 6;
/** reliability.md 4.6: at most 12 digits before the point, 6 after. */
const AMOUNT = /^(-?)([0-9]{1,12})(?:\.([0-9]{1,6}))?$/u;
/** budget.md 0.1: no single amount is more than 999 999 999 999.99 dollars. */
export const MOST = 999_999_999_999_990_000n as Money;
const TRAILING_ZEROS = /0+$/u;

// The casts in this file: integer arithmetic on micro-dollars gives micro-dollars.
export const ZERO = 0n as Money;
/** The least amount that a hold can have. */
export const ONE_MICRO = 1n as Money;

export function plus(a: Money, b: Money): Money {
  return (a + b) as Money;
}

export function minus(a: Money, b: Money): Money {
  return (a - b) as Money;
}

export function negate(a: Money): Money {
  return -a as Money;
}

export function sum(amounts: Iterable<Money>): Money {
  let total = ZERO;
  for (const amount of amounts) {
    total = plus(total, amount);
  }
  return total;
}

export function times(amount: Money, count: number): Money {
  assert(Number.isSafeInteger(count), `times: ${count} is not a whole number`);
  return (amount * BigInt(count)) as Money;
}

/** Exact division; a remainder is a Bug. For the tasks of an array's hold. */
export function dividedExactly(amount: Money, count: number): Money {
  assert(count > 0 && amount % BigInt(count) === 0n, `${amount} does not divide by ${count}`);
  return (amount / BigInt(count)) as Money;
}

export function compare(a: Money, b: Money): -1 | 0 | 1 {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

export function exceeds(a: Money, b: Money): boolean {
  return a > b;
}

const SECONDS_PER_HOUR = 3600n;

/** Is so much an hour, for so long, more than the limit? Exact. */
export function exceedsOverTime(perHour: Money, seconds: number, limit: Money): boolean {
  return perHour * BigInt(seconds) > limit * SECONDS_PER_HOUR;
}

export function isNegative(a: Money): boolean {
  return a < 0n;
}

export function isPositive(a: Money): boolean {
  return a > 0n;
}

export function isZero(a: Money): boolean {
  return a === 0n;
}

export function greatest(a: Money, b: Money): Money {
  return a > b ? a : b;
}

export function absolute(a: Money): Money {
  return (a < 0n ? -a : a) as Money;
}

/** `12`, `12.5`, `-3.000001` where signed; anything else (blanks, `1e3`, `$`, a 7th decimal, too much) undefined. */
export function parseAmount(text: string, signed = false): Money | undefined {
  const match = AMOUNT.exec(text);
  const [, sign = '', whole = '', fraction = ''] = match ?? [];
  if (match === null || (sign !== '' && !signed)) {
    return undefined;
  }
  const micros = BigInt(whole) * MICROS_PER_DOLLAR + BigInt(fraction.padEnd(FRACTION_DIGITS, '0'));
  if (micros > MOST) {
    return undefined;
  }
  return (sign === '' ? micros : -micros) as Money;
}

/** The text of a JSON number in dollars: shortest, no exponent (budget.md 0.1). `150.6`, `9.1625`, `100`. */
export function toDecimal(amount: Money): string {
  const digits = String(absolute(amount)).padStart(FRACTION_DIGITS + 1, '0');
  const whole = digits.slice(0, -FRACTION_DIGITS);
  const fraction = digits.slice(-FRACTION_DIGITS).replace(TRAILING_ZEROS, '');
  const sign = amount < 0n ? '-' : '';
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** Micro-dollars as decimal text: bodies of the journal, hashes, logs. */
export function toMicrosText(amount: Money): string {
  return String(amount);
}

/** Micro-dollars of a journal body or a stored answer (`toMicrosText` wrote them). */
export function fromMicrosText(text: string): Money {
  return BigInt(text) as Money;
}

function cents(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(3, '0');
  return `$${units < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** For tables: `$150.60`, `$-160.00`; cents, half away from zero. */
export function toDollars(amount: Money): string {
  const units = (absolute(amount) + MICROS_PER_CENT / 2n) / MICROS_PER_CENT;
  return cents(amount < 0n ? -units : units);
}

/** Awards in lists: `$750000`; whole dollars, half away from zero. */
export function toWholeDollars(amount: Money): string {
  const units = (absolute(amount) + MICROS_PER_DOLLAR / 2n) / MICROS_PER_DOLLAR;
  return `$${amount < 0n && units > 0n ? '-' : ''}${units}`;
}

/** For refusals: what is free, rounded down to cents (towards minus infinity). */
export function toDollarsDown(amount: Money): string {
  const units = amount / MICROS_PER_CENT;
  return cents(amount < 0n && amount % MICROS_PER_CENT !== 0n ? units - 1n : units);
}

/** For refusals: what is needed, rounded up to cents. */
export function toDollarsUp(amount: Money): string {
  const units = amount / MICROS_PER_CENT;
  return cents(amount > 0n && amount % MICROS_PER_CENT !== 0n ? units + 1n : units);
}

/** Parts by largest remainder: they always add up to the amount; ties go to the earlier payer. */
export function shareOut(amount: Money, weights: readonly number[]): readonly Money[] {
  const whole = weights.map((weight) => BigInt(weight));
  const total = whole.reduce((a, b) => a + b, 0n);
  assert(
    total > 0n && amount >= 0n,
    'shareOut: weights must be positive and the amount not negative',
  );
  const floors = whole.map((weight) => (amount * weight) / total);
  const rests = whole.map((weight, at) => ({ at, rest: (amount * weight) % total }));
  let left = amount - floors.reduce((a, b) => a + b, 0n);
  for (const { at } of rests.toSorted((a, b) => Number(b.rest - a.rest) || a.at - b.at)) {
    if (left === 0n) {
      break;
    }
    floors[at] = (floors[at] ?? 0n) + 1n;
    left -= 1n;
  }
  return floors as Money[];
}
