/** A whole number up to 2^63 - 1, as high * 10^9 + low: node numbers outgrow a double. */
export interface Counter {
  readonly high: number;
  readonly low: number;
}

const BASE = 1_000_000_000;
const BASE_DIGITS = 9;
const LARGEST = '9223372036854775807';
const LEADING_ZEROS = /^0+(?=[0-9])/;

/** Digits to a counter; undefined beyond 2^63 - 1. */
export function counter(digits: string): Counter | undefined {
  const text = digits.startsWith('0') ? digits.replace(LEADING_ZEROS, '') : digits;
  if (text.length > LARGEST.length || (text.length === LARGEST.length && text > LARGEST)) {
    return undefined;
  }
  return { high: Number(text.slice(0, -BASE_DIGITS)), low: Number(text.slice(-BASE_DIGITS)) };
}

/** How many numbers from first to last, both included; exact below 10^9. */
export function span(first: Counter, last: Counter): number {
  return (last.high - first.high) * BASE + (last.low - first.low) + 1;
}

export function compareCounters(a: Counter, b: Counter): number {
  return a.high - b.high || a.low - b.low;
}

/** `from + step` in decimal, padded with zeros to `width`. */
export function counterText(from: Counter, step: number, width: number): string {
  const sum = from.low + step;
  if (from.high === 0 && sum < BASE) {
    return String(sum).padStart(width, '0');
  }
  const high = from.high + Math.floor(sum / BASE);
  const low = String(sum % BASE);
  return `${high}${low.padStart(BASE_DIGITS, '0')}`.padStart(width, '0');
}
