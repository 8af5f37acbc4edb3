import { assert } from '../errors.ts';
import { isNegative, type Money, minus, plus, ZERO } from '../money/money.ts';
import { divided, exactly, multiplied, toCents } from '../money/ratio.ts';
import { addDays, addMonths, daysBetween } from './calendar.ts';

// Budget periods of a grant (budget.md 4.7): dates by calendar months from the start, amounts by exact
// shares of the whole length. Days are YYYYMMDD in the site zone; an end day is included.

/** A supplement (or reduction, negative) of the award, effective on a day. */
export interface AwardStep {
  readonly day: number;
  readonly delta: Money;
}

export interface GrantPlan {
  readonly startDay: number;
  /** Last day as first agreed: extensions without money move no amount (budget.md 8.4). */
  readonly plannedEndDay: number;
  /** Last day now; later than plannedEndDay after an extension. */
  readonly endDay: number;
  readonly periodMonths: number;
  /** What the award was at first; `steps` changed it since. */
  readonly total: Money;
  readonly steps: readonly AwardStep[];
}

export interface GrantPeriod {
  /** From 1. */
  readonly number: number;
  readonly startDay: number;
  readonly endDay: number;
  readonly amount: Money;
  /** The last period after an extension. */
  readonly isExtended: boolean;
}

/** A length in calendar months, exact: `whole` + `rest`/`of`. */
export interface MonthSpan {
  readonly whole: number;
  readonly rest: number;
  readonly of: number;
}

/** How many months lie from the first to the last day, both included (budget.md 4.7). */
export function monthSpan(startDay: number, endDay: number): MonthSpan {
  const after = addDays(endDay, 1);
  assert(after > startDay, `a span from ${startDay} to ${endDay}`);
  let whole = Math.max(0, monthIndex(after) - monthIndex(startDay) - 1);
  while (addMonths(startDay, whole + 1) <= after) {
    whole += 1;
  }
  const from = addMonths(startDay, whole);
  return {
    whole,
    rest: daysBetween(from, after),
    of: daysBetween(from, addMonths(startDay, whole + 1)),
  };
}

function monthIndex(day: number): number {
  return Math.floor(day / 10_000) * 12 + (Math.floor(day / 100) % 100);
}

/** Years of a span in tenths, half up: 15 is 1.5 years. */
export function tenthsOfYears({ whole, rest, of }: MonthSpan): number {
  const units = whole * of + rest;
  return Math.floor((units * 20 + 12 * of) / (24 * of));
}

/** ceil(length / months): how many periods a span has. */
export function periodCount(span: MonthSpan, periodMonths: number): number {
  return Math.ceil((span.rest > 0 ? span.whole + 1 : span.whole) / periodMonths);
}

function partOf(amount: Money, numerator: number, denominator: number): Money {
  return toCents(multiplied(exactly(amount), divided(exactly(numerator), exactly(denominator))));
}

/**
 * An amount over the periods from `first` (0-based) on, in proportion to their lengths: cumulated shares
 * are rounded to cents, the last one is the amount itself, so the parts always add up to it.
 */
function spread(
  amount: Money,
  first: number,
  { span, periodMonths, count }: Layout,
): readonly Money[] {
  const offset = first * periodMonths * span.of;
  const length = span.whole * span.of + span.rest - offset;
  let before = ZERO;
  return Array.from({ length: count }, (_, at) => {
    if (at < first) {
      return ZERO;
    }
    const until = (at + 1) * periodMonths * span.of - offset;
    const cumulated = at === count - 1 ? amount : partOf(amount, until, length);
    const part = minus(cumulated, before);
    before = cumulated;
    return part;
  });
}

interface Layout {
  readonly span: MonthSpan;
  readonly periodMonths: number;
  readonly count: number;
}

/** No period has less than nothing: what a reduction takes too much comes from the periods before. */
function withoutNegatives(amounts: readonly Money[]): readonly Money[] {
  const result = [...amounts];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const amount = result[at] ?? ZERO;
    if (isNegative(amount)) {
      result[at] = ZERO;
      result[at - 1] = plus(result[at - 1] ?? ZERO, amount);
    }
  }
  return result;
}

/**
 * The periods of a grant. A change of the award is spread over the period it takes effect in and those
 * after: a period that is over keeps its budget. Amounts add up to total + Σ steps.
 */
export function grantPeriods(plan: GrantPlan): readonly GrantPeriod[] {
  const { startDay, plannedEndDay, endDay, periodMonths } = plan;
  const span = monthSpan(startDay, plannedEndDay);
  const layout = { span, periodMonths, count: periodCount(span, periodMonths) };
  const starts = Array.from({ length: layout.count }, (_, at) =>
    addMonths(startDay, at * periodMonths),
  );
  let amounts = spread(plan.total, 0, layout);
  for (const { day, delta } of plan.steps) {
    const parts = spread(
      delta,
      Math.max(
        0,
        starts.findLastIndex((start) => start <= day),
      ),
      layout,
    );
    amounts = amounts.map((amount, at) => plus(amount, parts[at] ?? ZERO));
  }
  amounts = withoutNegatives(amounts);
  return starts.map((start, at) => {
    const next = starts[at + 1];
    return {
      number: at + 1,
      startDay: start,
      endDay: next === undefined ? endDay : addDays(next, -1),
      amount: amounts[at] ?? ZERO,
      isExtended: next === undefined && endDay > plannedEndDay,
    };
  });
}

/** The number of the period that a day belongs to: before the grant the first, after it the last. */
export function periodAt(periods: readonly GrantPeriod[], day: number): number {
  return periods.findLast(({ startDay }) => startDay <= day)?.number ?? 1;
}

export type PeriodStatus = 'future' | 'active' | 'completed' | 'extended';

export function periodStatus(period: GrantPeriod, today: number): PeriodStatus {
  if (today > period.endDay) {
    return 'completed';
  }
  if (period.isExtended) {
    return 'extended';
  }
  return today < period.startDay ? 'future' : 'active';
}
