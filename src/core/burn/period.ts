import { addDays, monthsBefore } from '../grant/calendar.ts';

/** A span back from today: calendar days, or calendar months. */
export interface Period {
  readonly unit: 'day' | 'month';
  readonly count: number;
  /** As written: `30d`, `6m`. */
  readonly text: string;
}

const PERIOD = /^([1-9]\d{0,3})([dwmy])$/u;
const UNITS = {
  d: { unit: 'day', times: 1 },
  w: { unit: 'day', times: 7 },
  m: { unit: 'month', times: 1 },
  y: { unit: 'month', times: 12 },
} as const;
/** A century: further back there is no ledger. */
const MONTHS_MAX = 1200;
const DAYS_MAX = 36_525;

export const MONTH_DAYS: Period = { unit: 'day', count: 30, text: '30d' };

/** `7d`, `4w`, `6m`, `1y`; undefined for anything else, and for more than a century. */
export function parsePeriod(text: string): Period | undefined {
  const [, digits, letter] = PERIOD.exec(text) ?? [];
  if (digits === undefined || !isLetter(letter)) {
    return undefined;
  }
  const { unit, times } = UNITS[letter];
  const count = Number(digits) * times;
  return count > (unit === 'day' ? DAYS_MAX : MONTHS_MAX) ? undefined : { unit, count, text };
}

function isLetter(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && Object.hasOwn(UNITS, text);
}

/** The first day of the span that ends the day before `today`. */
export function periodStart(today: number, { unit, count }: Period): number {
  return unit === 'day' ? addDays(today, -count) : monthsBefore(today, count);
}
