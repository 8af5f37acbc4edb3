import type { BurnInput, DaySum } from '../../../src/core/burn/plan.ts';
import { assert } from '../../../src/core/errors.ts';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { type Money, parseAmount, toDollars } from '../../../src/core/money/money.ts';
import { type Ratio, toCents } from '../../../src/core/money/ratio.ts';

export function dollars(text: string): Money {
  const amount = parseAmount(text, true);
  assert(amount !== undefined, `not an amount: ${text}`);
  return amount;
}

export const ZERO = dollars('0');

/** $100 a day for a year, on its 101st day; nothing used yet. */
export const YEAR: BurnInput = {
  start: 20_250_101,
  end: 20_251_231,
  today: 20_250_411,
  budget: dollars('36500'),
  used: ZERO,
  held: ZERO,
  days: [],
};

export function shown(value: Ratio): string {
  return toDollars(toCents(value));
}

/** The same amount on each of so many days. */
export function everyDay(from: number, count: number, amount: string): readonly DaySum[] {
  return Array.from({ length: count }, (_, at) => ({
    day: addDays(from, at),
    spent: dollars(amount),
  }));
}
