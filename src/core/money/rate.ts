import { assert } from '../errors.ts';
import { type Money, ONE_MICRO } from './money.ts';

declare const brand: unique symbol;
/** Price per hour in units of 1e-10 dollar: every digit of the AWS price list (reliability.md 1.1). */
export type Rate = bigint & { readonly [brand]: 'Rate' };

/** Seconds × e10 of one micro-dollar: 3,600 s/h × 10,000 e10/µ$. */
const UNITS_PER_MICRO = 36_000_000n;
const HALF = UNITS_PER_MICRO / 2n;
const RATE_DIGITS = 10;
const RATE = /^([0-9]{1,4})(?:\.([0-9]+))?$/u;
const PERCENT = /^([0-9]{1,4})(?:\.([0-9]{1,6}))?$/u;
const PPM_DIGITS = 6;
const PPM = 1_000_000n;
const MILLION_PERCENT = 100_000_000n;
const TRAILING_ZEROS = /0+$/u;

// The casts in this file: integer arithmetic on rates gives rates, on unit sums micro-dollars.
export const ZERO_RATE = 0n as Rate;

/** Dollars per hour as text; an 11th decimal is rounded half up once (COST-1). */
export function parseRate(text: string): Rate | undefined {
  const [, whole, fraction = ''] = RATE.exec(text) ?? [];
  if (whole === undefined) {
    return undefined;
  }
  const kept = fraction.slice(0, RATE_DIGITS).padEnd(RATE_DIGITS, '0');
  const up = (fraction[RATE_DIGITS] ?? '0') >= '5' ? 1n : 0n;
  return (BigInt(whole) * 10_000_000_000n + BigInt(kept) + up) as Rate;
}

export function rateFromE10Text(text: string): Rate {
  return BigInt(text) as Rate;
}

export function toE10Text(rate: Rate): string {
  return String(rate);
}

/** For reading only: micro-dollars per hour, half up. */
export function microsPerHour(rate: Rate): Money {
  return ((rate + 5000n) / 10_000n) as Money;
}

export function dearer(a: Rate, b: Rate): boolean {
  return a > b;
}

export function totalRate(rates: Iterable<Rate>): Rate {
  let total = 0n;
  for (const rate of rates) {
    total += rate;
  }
  return total as Rate;
}

export function rateLess(rate: Rate, part: Rate): Rate {
  return (rate - part) as Rate;
}

/** The rate after a discount of `percent` (text, 0–100, at most 4 decimals), half up (COST-7). */
export function discounted(rate: Rate, percent: string): Rate {
  const off = partsPerMillion(percent);
  assert(off !== undefined && off <= 100n * PPM, `not a discount: ${percent}`);
  return ((rate * (MILLION_PERCENT - off) + MILLION_PERCENT / 2n) / MILLION_PERCENT) as Rate;
}

/** `1.2` → 1,200,000: a factor as exact parts per million; undefined when it is not such a decimal. */
function partsPerMillion(text: string): bigint | undefined {
  const [, whole, fraction = ''] = PERCENT.exec(text) ?? [];
  return whole === undefined
    ? undefined
    : BigInt(whole) * PPM + BigInt(fraction.padEnd(PPM_DIGITS, '0'));
}

export function isFactor(text: string): boolean {
  return partsPerMillion(text) !== undefined;
}

export interface HoldPrice {
  readonly nodes: number;
  readonly rate: Rate;
  /** Time limit plus overhead. */
  readonly seconds: number;
  /** `budget.default_hold_percentage` as decimal text. */
  readonly factor: string;
}

/** One ceiling to the micro-dollar at the end, at least one micro-dollar (burst.md 8.0). */
export function holdAmount({ nodes, rate, seconds, factor }: HoldPrice): Money {
  const ppm = partsPerMillion(factor);
  assert(ppm !== undefined, `not a factor: ${factor}`);
  const units = BigInt(nodes) * rate * BigInt(seconds) * ppm;
  const whole = UNITS_PER_MICRO * PPM;
  const amount = ((units + whole - 1n) / whole) as Money;
  return amount > 0n ? amount : ONE_MICRO;
}

/** The highest rate at which so many nodes for so long cost no more than the limit. */
export function rateWithin(limit: Money, nodes: number, seconds: number): Rate {
  assert(nodes > 0 && seconds > 0, 'rateWithin: nobody and no time');
  return ((limit * UNITS_PER_MICRO) / (BigInt(nodes) * BigInt(seconds))) as Rate;
}

/** A share (0 to 1, six decimals) of the rate, rounded down. */
export function shareOf(rate: Rate, share: number): Rate {
  return ((rate * BigInt(Math.round(share * Number(PPM)))) / PPM) as Rate;
}

/** The rate and a share of it more. */
export function withMargin(rate: Rate, share: number): Rate {
  return (rate + shareOf(rate, share)) as Rate;
}

/** Dollars an hour as decimal text: `0.17`. */
export function rateText(rate: Rate): string {
  const digits = String(rate).padStart(RATE_DIGITS + 1, '0');
  const fraction = digits.slice(-RATE_DIGITS).replace(TRAILING_ZEROS, '');
  const whole = digits.slice(0, -RATE_DIGITS);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

export interface RatedSeconds {
  readonly seconds: number;
  readonly rate: Rate;
}

/**
 * Micro-dollars of each segment of one instance: differences of the running total rounded half up,
 * so the segments add up to the instance, which is rounded once (COST-5).
 */
export function segmentAmounts(segments: readonly RatedSeconds[]): readonly Money[] {
  let units = 0n;
  let before = 0n;
  return segments.map(({ seconds, rate }) => {
    units += BigInt(seconds) * rate;
    const total = (units + HALF) / UNITS_PER_MICRO;
    const amount = total - before;
    before = total;
    return amount as Money;
  });
}
