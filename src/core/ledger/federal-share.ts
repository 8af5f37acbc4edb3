import { recipientPart, WHOLLY_FEDERAL_E4 } from '../money/fa.ts';
import { type Money, minus, plus } from '../money/money.ts';
import type { Change } from './change.ts';
import type { Parts } from './postings.ts';

// Cost sharing by job (budget.md 8.3): a charge on a grant splits into a federal and a recipient's part.
// The budget pays all of it; the row says which part the reports show as the recipient's.

export interface Shared extends Parts {
  readonly txnSeq: number;
  /** Charged so far with its corrections, direct: of an adjust the parts add up to the rounded whole. */
  readonly before?: Money | undefined;
  readonly awardId: number | undefined;
  /** Absent: 10000. */
  readonly shareE4: number | undefined;
}

/** The row of one cost; none where the account is wholly federal or no grant pays. */
export function costShareOf(cost: Shared): readonly Change[] {
  const { txnSeq, before, direct, fa, awardId, shareE4 = WHOLLY_FEDERAL_E4 } = cost;
  if (awardId === undefined || shareE4 === WHOLLY_FEDERAL_E4) {
    return [];
  }
  const recipient =
    before === undefined
      ? recipientPart(direct, shareE4)
      : minus(recipientPart(plus(before, direct), shareE4), recipientPart(before, shareE4));
  const recipientFa = recipientPart(fa, shareE4);
  return [{ change: 'insertCostShare', row: { txnSeq, shareE4, recipient, recipientFa } }];
}
