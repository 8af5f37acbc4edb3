import { greatest, isNegative, type Money, minus, plus, sum, ZERO } from '../money/money.ts';
import { type GrantPeriod, type PeriodStatus, periodAt, periodStatus } from './periods.ts';
import type { CarryoverPolicy } from './rows.ts';

/** Net federal spending of one day (YYYYMMDD). */
export interface DaySpending {
  readonly day: number;
  readonly amount: Money;
}

export interface CarryoverFacts {
  /** What becomes of a period's unspent money when it ends. */
  readonly policy: CarryoverPolicy;
  /** `grant carryover approve`: amounts by period number, as often as it was done. */
  readonly approvals: readonly { readonly period: number; readonly amount: Money }[];
  /** Days before the grant count in its first period, days after it in its last. */
  readonly spending: readonly DaySpending[];
  /** Pending holds with their F&A: they stand in the current period, wherever they were placed. */
  readonly committed: Money;
  readonly today: number;
}

export interface PeriodFigures {
  readonly period: GrantPeriod;
  readonly status: PeriodStatus;
  readonly isCurrent: boolean;
  readonly spent: Money;
  readonly committed: Money;
  /** Negative: an overrun of the period before. */
  readonly carryIn: Money;
  /** 0 until the period has ended, and of the last one. */
  readonly carryOut: Money;
  /** With prior_approval: unspent money of an ended period that nobody has approved. */
  readonly pendingApproval: Money;
  /** amount + carryIn − spent. */
  readonly unspent: Money;
  /** unspent − committed; of an ended period what it left, carried over or not. */
  readonly remaining: Money;
}

function least(a: Money, b: Money): Money {
  return a < b ? a : b;
}

function carried(unspent: Money, approved: Money, policy: CarryoverPolicy): Money {
  if (isNegative(unspent)) {
    return unspent;
  }
  switch (policy) {
    case 'automatic':
      return unspent;
    case 'prior_approval':
      return least(approved, unspent);
    case 'none':
      return ZERO;
  }
}

function spentIn(periods: readonly GrantPeriod[], { spending }: CarryoverFacts): readonly Money[] {
  const totals = periods.map(() => ZERO);
  for (const { day, amount } of spending) {
    const at = periodAt(periods, day) - 1;
    totals[at] = plus(totals[at] ?? ZERO, amount);
  }
  return totals;
}

/** The periods with what was spent, is committed and was carried over. Carrying never makes money. */
export function carryForward(
  periods: readonly GrantPeriod[],
  facts: CarryoverFacts,
): readonly PeriodFigures[] {
  const spent = spentIn(periods, facts);
  const current = periodAt(periods, facts.today);
  let carryIn = ZERO;
  return periods.map((period, at) => {
    const here = spent[at] ?? ZERO;
    const unspent = minus(plus(period.amount, carryIn), here);
    const approved = sum(
      facts.approvals.filter(({ period: number }) => number === period.number).map((a) => a.amount),
    );
    const isClosed = facts.today > period.endDay;
    const isLast = at === periods.length - 1;
    const carryOut = isClosed && !isLast ? carried(unspent, approved, facts.policy) : ZERO;
    const committed = period.number === current ? facts.committed : ZERO;
    const waits = isClosed && !isLast && facts.policy === 'prior_approval';
    const figures: PeriodFigures = {
      period,
      status: periodStatus(period, facts.today),
      isCurrent: period.number === current,
      spent: here,
      committed,
      carryIn,
      carryOut,
      pendingApproval: waits ? greatest(ZERO, minus(unspent, carryOut)) : ZERO,
      unspent,
      remaining: minus(unspent, committed),
    };
    carryIn = carryOut;
    return figures;
  });
}
