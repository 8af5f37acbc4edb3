import type { Money } from './money.ts';
import type { Rate } from './rate.ts';

/** For adapters: the column type is what makes this a number of micro-dollars. */
export function fromMicros(micros: bigint): Money {
  return micros as Money;
}

/** For adapters: a column or an API field that counts 1e-10 dollar per hour. */
export function rateFromE10(e10: bigint): Rate {
  return e10 as Rate;
}
