import type { Change } from '../ledger/change.ts';
import type { BudgetFigures } from '../ledger/view.ts';
import { indirectHeld, indirectOf } from '../money/fa.ts';
import { isNegative, isZero, type Money, minus, plus, times, ZERO } from '../money/money.ts';
import type { FaRateRow, FaRow } from './rows.ts';
import type { BudgetAward, FaSum } from './view.ts';

// F&A of one transaction (budget.md 4.13, reliability.md I14).

/** The rows that rate something: by day, without those that others took the place of. */
export function standing(rates: readonly FaRateRow[]): readonly FaRateRow[] {
  return rates.filter(({ replacedBy }) => replacedBy === undefined);
}

/**
 * The rate of a day. Outside every row the last earlier one goes on (budget.md 8.2); before the first
 * one there is none.
 */
export function rateOn(rates: readonly FaRateRow[], day: number): FaRateRow | undefined {
  return standing(rates).findLast(({ fromDay }) => fromDay <= day);
}

/** The row that compute charges of that day bear, if they bear any F&A. */
function bearing(award: BudgetAward | undefined, day: number): FaRateRow | undefined {
  if (award?.award.cloudInMtdc !== true) {
    return;
  }
  const rate = rateOn(award.rates, day);
  return rate?.base === 'none' ? undefined : rate;
}

/** What a hold of `tasks` tasks sets aside for F&A if that budget pays it; rounded up a task. */
export function heldIndirect(
  budget: Pick<BudgetFigures, 'award'>,
  hold: { readonly taskAmount: Money; readonly tasks: number },
  day: number,
): Money {
  const rate = bearing(budget.award, day);
  return rate === undefined ? ZERO : times(indirectHeld(hold.taskAmount, rate.rateE4), hold.tasks);
}

/** What a base adds to the row's F&A, as a difference of rounded running sums. */
export function booked(
  sums: readonly FaSum[],
  rate: FaRateRow,
  base: Money,
): Omit<FaRow, 'txnSeq'> {
  const before = sums.find(({ rateId }) => rateId === rate.rateId);
  const cumBase = plus(before?.cumBase ?? ZERO, base);
  const cum = indirectOf(cumBase, rate.rateE4);
  const amount = minus(cum, before?.cum ?? ZERO);
  return { rateId: rate.rateId, base, amount, cumBase, cum };
}

/** The F&A of one transaction, and the row that it leaves. */
export interface Indirect {
  readonly amount: Money;
  readonly changes: readonly Change[];
}

const NO_INDIRECT: Indirect = { amount: ZERO, changes: [] };

/** True of a correction that takes back more than bears F&A under the rate of that day: nobody can book it. */
export function leavesNoBase(
  award: BudgetAward | undefined,
  { base, day }: { readonly base: Money; readonly day: number },
): boolean {
  const rate = bearing(award, day);
  const known = award?.fa.find(({ rateId }) => rateId === rate?.rateId)?.cumBase ?? ZERO;
  return rate !== undefined && isNegative(base) && isNegative(plus(known, base));
}

/** F&A of a cost that belongs to `day`; `base` is signed for corrections. */
export function indirectOn(
  award: BudgetAward | undefined,
  cost: { readonly base: Money; readonly day: number; readonly txnSeq: number },
): Indirect {
  const { base, day, txnSeq } = cost;
  const rate = bearing(award, day);
  if (award === undefined || rate === undefined || isZero(base)) {
    return NO_INDIRECT;
  }
  const row = { ...booked(award.fa, rate, base), txnSeq };
  return { amount: row.amount, changes: [{ change: 'insertFa', row }] };
}
