import { indirectOn } from '../grant/indirect.ts';
import { isAfterLiquidation } from '../grant/liquidation.ts';
import type { Money } from '../money/money.ts';
import type { Change } from './change.ts';
import { costShareOf } from './federal-share.ts';
import type { AccountRow } from './rows.ts';
import type { BudgetFigures, View } from './view.ts';

/** A real cost on a budget: what else it brings with it if a grant pays. */
export interface BookedCost {
  /** F&A of it. */
  readonly fa: Money;
  /** Rows that belong to the transaction: after its post. */
  readonly rows: readonly Change[];
  /** The transaction's cause: booked when the books of the grant should have been closed. */
  readonly cause: 'after_liquidation' | undefined;
}

export interface CostToBook {
  /** Direct; signed for corrections. */
  readonly direct: Money;
  /** Whose rate it bears, YYYYMMDD: of a correction the day of what it corrects. */
  readonly day: number;
  readonly txnSeq: number;
  /** Of a correction: what was charged so far, and which part of it was federal (absent: all). */
  readonly corrects?:
    | { readonly amount: Money; readonly federalShareE4?: number | undefined }
    | undefined;
}

export function bookCost(
  view: Pick<View, 'nowS' | 'liquidationDays'>,
  payer: { readonly budget: BudgetFigures; readonly account: AccountRow },
  cost: CostToBook,
): BookedCost {
  const { award } = payer.budget;
  const { direct, day, txnSeq, corrects } = cost;
  const indirect = indirectOn(award, { base: direct, day, txnSeq });
  const fa = indirect.amount;
  const shared = costShareOf({
    txnSeq,
    before: corrects?.amount,
    direct,
    fa,
    awardId: award?.award.awardId,
    // A correction is shared as the charge was, whatever the account's share has become.
    shareE4: corrects === undefined ? payer.account.federalShareE4 : corrects.federalShareE4,
  });
  const isLate = award !== undefined && isAfterLiquidation(award.award, view);
  return {
    fa,
    rows: [...indirect.changes, ...shared],
    cause: isLate ? 'after_liquidation' : undefined,
  };
}
