import { type Money, sum, times } from './money.ts';
import type { Rate } from './rate.ts';

// What volumes cost (burst.md COST-8): GiB × price of a GiB-month × seconds ÷ a month, half up a volume.

/** Of 30 days. */
const MONTH_SECONDS = 2_592_000n;
const HALF_MONTH = MONTH_SECONDS / 2n;
const MONTH_HOURS = 720n;
/** Units of a rate (1e-10 dollar) in a micro-dollar. */
const UNITS_PER_MICRO = 10_000n;

// The casts in this file: integer arithmetic on micro-dollars gives micro-dollars, on units a rate.

/** What each volume costs a month. */
export function volumeMonths(gib: readonly number[], perGib: Money): readonly Money[] {
  return gib.map((size) => times(perGib, size));
}

/** What these volumes have cost after so many seconds, each rounded half up by itself. */
export function volumesCost(months: readonly Money[], seconds: number): Money {
  return sum(
    months.map((month) => ((month * BigInt(seconds) + HALF_MONTH) / MONTH_SECONDS) as Money),
  );
}

/** The same by the hour, rounded up: what a hold must cover. */
export function volumesRate(months: readonly Money[]): Rate {
  const units = sum(months) * UNITS_PER_MICRO;
  return ((units + MONTH_HOURS - 1n) / MONTH_HOURS) as Rate;
}
