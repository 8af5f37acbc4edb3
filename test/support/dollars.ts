import { assert } from '../../src/core/errors.ts';
import { type Money, parseAmount } from '../../src/core/money/money.ts';

export function usd(text: string): Money {
  const amount = parseAmount(text, true);
  assert(amount !== undefined, `not an amount: ${text}`);
  return amount;
}
