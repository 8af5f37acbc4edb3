import { MOST, type Money, parseAmount } from './money.ts';
import { type Ratio, roundedMicros } from './ratio.ts';

// Estimates and what other programs say of costs (budget.md 0.1, 4.1): the roundings that are theirs alone.

const PPM = 1_000_000n;
const PPM_DIGITS = 6;
const FACTOR = /^([0-9]{1,4})(?:\.([0-9]{1,6}))?$/u;
const SECONDS_PER_HOUR = 3600n;
/** Multipliers of partitions are halves: 0.5, 1, 1.5, 2. */
const HALVES = 2n;
const FOREIGN = /^(-?)([0-9]{1,30})(?:\.([0-9]{1,30}))?(?:[eE]([+-]?[0-9]{1,3}))?$/u;
const FRACTION_DIGITS = 6;
const EXPONENT_MAX = 40;

export const ONE_CENT = 10_000n as Money;

export interface FallbackTerms {
  /** Dollars an hour and unit. */
  readonly rate: Money;
  readonly seconds: number;
  /** CPUs of all nodes, a GPU as 20 of them. */
  readonly units: number;
  /** The partition's multiplier, doubled. */
  readonly halves: number;
}

/** units × rate × hours × multiplier, half up to the micro-dollar; at least a cent. */
export function fallbackAmount({ rate, seconds, units, halves }: FallbackTerms): Money {
  const whole = SECONDS_PER_HOUR * HALVES;
  const exact = rate * BigInt(seconds) * BigInt(units) * BigInt(halves);
  const amount = (2n * exact + whole) / (2n * whole);
  return (amount > ONE_CENT ? amount : ONE_CENT) as Money;
}

/** `ceil(estimate × hold_percentage)` to the micro-dollar (budget.md 4.1). `factor` was checked before. */
export function holdFor(estimate: Money, factor: string): Money {
  const [, whole = '0', fraction = ''] = FACTOR.exec(factor) ?? [];
  const ppm = BigInt(whole) * PPM + BigInt(fraction.padEnd(PPM_DIGITS, '0'));
  return ((estimate * ppm + PPM - 1n) / PPM) as Money;
}

/** An amount times a factor, half away from zero to the micro-dollar. */
export function scaledBy(amount: Money, factor: Ratio): Money {
  return roundedMicros({ num: amount * factor.num, den: factor.den });
}

/**
 * An amount from another program: its JSON number as text, exponents and any number of digits allowed,
 * rounded half away from zero to the micro-dollar. Undefined: no number, or more than an account can hold.
 */
export function parseForeignAmount(text: string): Money | undefined {
  const plain = parseAmount(text, true);
  if (plain !== undefined) {
    return plain;
  }
  const [, sign = '', whole, fraction = '', exponent = '0'] = FOREIGN.exec(text) ?? [];
  const power = Number(exponent) + FRACTION_DIGITS - fraction.length;
  if (whole === undefined || Math.abs(power) > EXPONENT_MAX) {
    return undefined;
  }
  const digits = BigInt(whole + fraction);
  const ten = 10n ** BigInt(Math.abs(power));
  const micros = power >= 0 ? digits * ten : (2n * digits + ten) / (2n * ten);
  return micros > MOST ? undefined : ((sign === '' ? micros : -micros) as Money);
}
