import { assert } from '../errors.ts';
import type { Money } from './money.ts';

// Exact rationals for rates per day, percentages and scores (budget.md 0.1): rounded when they are
// written out and never before. A ratio made of Money counts micro-dollars.

/** In lowest terms, the denominator positive. */
export interface Ratio {
  readonly num: bigint;
  readonly den: bigint;
}

const MICROS_PER_CENT = 10_000n;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/u;
/** Digits after the point that a square root is good for. */
const ROOT_DIGITS = 18;

export const NOTHING: Ratio = { num: 0n, den: 1n };

function divisor(a: bigint, b: bigint): bigint {
  let [big, small] = [a < 0n ? -a : a, b];
  while (small !== 0n) {
    [big, small] = [small, big % small];
  }
  return big;
}

function made(num: bigint, den: bigint): Ratio {
  assert(den !== 0n, 'a ratio has no denominator 0');
  const [top, bottom] = den < 0n ? [-num, -den] : [num, den];
  const common = divisor(top, bottom);
  return { num: top / common, den: bottom / common };
}

/** Micro-dollars, or a whole number. */
export function exactly(amount: Money | number): Ratio {
  return { num: BigInt(amount), den: 1n };
}

/** `0.95`; any other text is a Bug. */
export function fraction(text: string): Ratio {
  const [, sign = '', whole = '', part = ''] = DECIMAL.exec(text) ?? [];
  assert(whole !== '', `not a decimal: ${text}`);
  const num = BigInt(whole + part);
  return made(sign === '' ? num : -num, 10n ** BigInt(part.length));
}

export function added(a: Ratio, b: Ratio): Ratio {
  return made(a.num * b.den + b.num * a.den, a.den * b.den);
}

export function subtracted(a: Ratio, b: Ratio): Ratio {
  return made(a.num * b.den - b.num * a.den, a.den * b.den);
}

export function multiplied(a: Ratio, b: Ratio): Ratio {
  return made(a.num * b.num, a.den * b.den);
}

/** Dividing by zero is a Bug. */
export function divided(a: Ratio, b: Ratio): Ratio {
  return made(a.num * b.den, a.den * b.num);
}

/** Negative, 0 or positive, for sorting and for tests like `compared(a, b) > 0`. */
export function compared(a: Ratio, b: Ratio): -1 | 0 | 1 {
  const difference = a.num * b.den - b.num * a.den;
  if (difference === 0n) {
    return 0;
  }
  return difference < 0n ? -1 : 1;
}

export function absoluteRatio(a: Ratio): Ratio {
  return a.num < 0n ? { num: -a.num, den: a.den } : a;
}

export function lesser(a: Ratio, b: Ratio): Ratio {
  return compared(a, b) < 0 ? a : b;
}

export function greater(a: Ratio, b: Ratio): Ratio {
  return compared(a, b) > 0 ? a : b;
}

/** Towards minus infinity; beyond 2^53 the greatest safe number. */
export function floored({ num, den }: Ratio): number {
  const cut = num / den;
  const whole = num < 0n && cut * den !== num ? cut - 1n : cut;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(whole > most ? most : whole);
}

/** Half away from zero. */
function rounded({ num, den }: Ratio): bigint {
  const size = num < 0n ? -num : num;
  const whole = (2n * size + den) / (2n * den);
  return num < 0n ? -whole : whole;
}

/** Micro-dollars half away from zero to the cent: what a rate, an average, a projection is shown as. */
export function toCents(micros: Ratio): Money {
  // Whole cents are micro-dollars again.
  return (rounded({ num: micros.num, den: micros.den * MICROS_PER_CENT }) *
    MICROS_PER_CENT) as Money;
}

/** Micro-dollars half away from zero: of estimates, which are whole micro-dollars. */
export function roundedMicros(micros: Ratio): Money {
  return rounded(micros) as Money; // whole micro-dollars
}

/** Decimal text with exactly so many digits, half away from zero: `16.5`, `-0.3333`. */
export function toFixed(value: Ratio, digits: number): string {
  const scaled = rounded({ num: value.num * 10n ** BigInt(digits), den: value.den });
  const text = String(scaled < 0n ? -scaled : scaled).padStart(digits + 1, '0');
  const cut = text.length - digits;
  const sign = scaled < 0n ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, cut)}.${text.slice(cut)}`;
}

/** A number for JSON: not money, rounded half away from zero to so many digits. */
export function toNumber(value: Ratio, digits: number): number {
  return Number(toFixed(value, digits));
}

/** Newton's integer root; rounded down at the 18th digit. Of a negative value a Bug. */
export function squareRoot({ num, den }: Ratio): Ratio {
  assert(num >= 0n, 'squareRoot: negative');
  const scale = 10n ** BigInt(ROOT_DIGITS);
  const target = (num * scale * scale) / den;
  if (target === 0n) {
    return NOTHING;
  }
  let root = 1n << BigInt(Math.ceil(target.toString(2).length / 2));
  let next = (root + target / root) / 2n;
  while (next < root) {
    root = next;
    next = (root + target / root) / 2n;
  }
  return made(root, scale);
}
