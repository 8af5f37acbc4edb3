import type { DaySum } from '../../../src/core/burn/plan.ts';
import { assert } from '../../../src/core/errors.ts';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { type Money, parseAmount } from '../../../src/core/money/money.ts';

export function dollars(text: string): Money {
  const amount = parseAmount(text, true);
  assert(amount !== undefined, `not an amount: ${text}`);
  return amount;
}

/** The same amount on each of so many days. */
export function everyDay(from: number, count: number, amount: string): readonly DaySum[] {
  return Array.from({ length: count }, (_, at) => ({
    day: addDays(from, at),
    spent: dollars(amount),
  }));
}
