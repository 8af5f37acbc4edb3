import { counted } from '../counted.ts';
import { dayText } from '../grant/calendar.ts';
import type { FaRateRow } from '../grant/rows.ts';
import { isZero, type Money, minus, sum, toDollars, ZERO } from '../money/money.ts';
import { exactly, fraction, multiplied, toCents } from '../money/ratio.ts';
import type { RateBooked, SpanCost } from './books.ts';

// SF-425 lines 11a to 11g: indirect expense for each rate row (budget.md 8.3), as it was booked.

export interface IndirectLine {
  readonly rateId: number;
  readonly type: FaRateRow['type'];
  readonly base: FaRateRow['base'];
  /** In 1/10000: 3000 is 30 %. */
  readonly rateE4: number;
  readonly fromDay: number;
  readonly toDay: number;
  readonly baseAmount: Money;
  readonly charged: Money;
  readonly federal: Money;
}

export interface Indirect {
  readonly lines: readonly IndirectLine[];
  readonly baseAmount: Money;
  readonly charged: Money;
  readonly federal: Money;
}

const NOTHING_BOOKED = { base: ZERO, amount: ZERO, recipientFa: ZERO };

function cents(amount: Money): Money {
  return toCents(exactly(amount));
}

/** `0.3000` of 3000. */
export function rateText(rateE4: number): string {
  const digits = String(rateE4).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

/** Rows that rate days up to the end of the period, and rows that another replaced but still hold money. */
export function indirectLines(
  rates: readonly FaRateRow[],
  booked: readonly RateBooked[],
  endDay: number,
): Indirect {
  const lines = rates.flatMap((row): readonly IndirectLine[] => {
    const has = booked.find(({ rateId }) => rateId === row.rateId) ?? NOTHING_BOOKED;
    const isInForce = row.replacedBy === undefined && row.fromDay <= endDay && row.base !== 'none';
    return isInForce || !(isZero(has.amount) && isZero(has.recipientFa))
      ? [
          {
            rateId: row.rateId,
            type: row.type,
            base: row.base,
            rateE4: row.rateE4,
            fromDay: row.fromDay,
            toDay: Math.min(row.toDay, endDay),
            baseAmount: cents(has.base),
            charged: cents(has.amount),
            federal: cents(minus(has.amount, has.recipientFa)),
          },
        ]
      : [];
  });
  return {
    lines,
    baseAmount: sum(lines.map((line) => line.baseAmount)),
    charged: sum(lines.map((line) => line.charged)),
    federal: sum(lines.map((line) => line.federal)),
  };
}

function isCovered(day: number, rates: readonly FaRateRow[]): boolean {
  return rates.some(
    (row) => row.replacedBy === undefined && row.fromDay <= day && day <= row.toDay,
  );
}

export interface Uncovered {
  readonly firstDay: number;
  readonly dayCount: number;
}

/** Days with charges that no rate row covers: they bear the last earlier rate (budget.md 8.2). */
export function uncoveredDays(
  rates: readonly FaRateRow[],
  days: readonly SpanCost[],
  endDay: number,
): Uncovered | undefined {
  const bare = days.filter(
    ({ day, dayCount }) => day <= endDay && dayCount > 0 && !isCovered(day, rates),
  );
  const [first] = bare;
  return (
    first && { firstDay: first.day, dayCount: bare.reduce((sum, each) => sum + each.dayCount, 0) }
  );
}

/** What a careful reader of the rates should know. `cap`: the de minimis limit in 1/10000. */
export function rateWarnings(
  rates: readonly FaRateRow[],
  facts: { readonly booked: readonly RateBooked[]; readonly uncovered: Uncovered | undefined },
  cap: number,
): readonly string[] {
  const { uncovered } = facts;
  const standing = rates.filter(({ replacedBy }) => replacedBy === undefined);
  const above = standing.filter(({ type, rateE4 }) => type === 'de_minimis' && rateE4 > cap);
  const differing = facts.booked.flatMap(({ rateId, base, amount }) => {
    const row = standing.find((each) => each.rateId === rateId);
    const reckoned = row && toCents(multiplied(exactly(base), fraction(rateText(row.rateE4))));
    return row === undefined || reckoned === undefined || reckoned === amount
      ? []
      : [{ row, by: minus(amount, reckoned) }];
  });
  return [
    ...(uncovered === undefined
      ? []
      : [
          `charges on ${counted(uncovered.dayCount, 'day')} from ${dayText(uncovered.firstDay)} on lie outside every rate row and bear the last earlier rate`,
        ]),
    ...above.map(
      ({ rateE4 }) =>
        `a de minimis rate of ${rateText(rateE4)} is above the limit of ${rateText(cap)} (2 CFR 200.414(f))`,
    ),
    ...differing.map(
      ({ row, by }) =>
        `indirect cost from ${dayText(row.fromDay)} on differs by ${toDollars(by)} from rate × base: it was rounded on sums that include days after this period`,
    ),
  ];
}
