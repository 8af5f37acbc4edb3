import { isRefused, type Refused } from '../errors.ts';
import { heldIndirect } from '../grant/indirect.ts';
import { dividedExactly, isPositive, isZero, type Money, minus, times } from '../money/money.ts';
import type { Change, Decision } from './change.ts';
import { type Room, roomFor } from './fit.ts';
import { answerOf, type HoldAnswer, openHold, ownerOf } from './hold-words.ts';
import { holdLines, holdTxn, type Parts } from './postings.ts';
import type { HoldRow } from './rows.ts';
import { unusable } from './usable.ts';
import type { BudgetFigures, PayerView, View } from './view.ts';

export interface ExtendHold {
  readonly token: string;
  /** What one task shall have; the hold gets it for each task still under it. */
  readonly taskAmount: Money;
  readonly pricing?: string | undefined;
  readonly expiresS?: number | undefined;
  readonly allowNegative?: boolean | undefined;
  /** `extend:<token>:<attempt>` at resume; absent: the request's own key. */
  readonly key?: string | undefined;
}

export interface Resized {
  readonly row: HoldRow;
  /** The post comes last; empty when nothing changes. */
  readonly changes: readonly Change[];
}

interface Resize extends Omit<ExtendHold, 'token'> {
  /** Whose limits are tested; absent: the hold's own. */
  readonly partitions?: readonly string[];
}

/** What the hold would have more of. */
interface More extends Parts {
  readonly budget: BudgetFigures;
  readonly payer: PayerView;
}

/** May the hold grow by that? A smaller hold always may. */
function roomToGrow(view: View, hold: HoldRow, more: More, ask: Resize): Room | Refused {
  const { budgetId } = hold;
  const { direct, fa, payer } = more;
  if (!(isPositive(direct) || isPositive(fa))) {
    return { budgetId, fa, over: 0 };
  }
  const partitions = ask.partitions ?? [hold.partition];
  const { allowNegative } = ask;
  return (
    unusable(payer, view.nowS) ??
    roomFor(payer, { amount: direct, faOf: () => fa, partitions, budgetId, allowNegative })
  );
}

/** Makes the hold `taskAmount` a task, with its F&A by the rate of today. */
export function resize(view: View, hold: HoldRow, ask: Resize): Resized | Refused {
  const { taskAmount } = ask;
  const amount = times(taskAmount, hold.tasks);
  const direct = minus(amount, hold.amount);
  const kept = {
    ...hold,
    pricing: ask.pricing ?? hold.pricing,
    expiresS: ask.expiresS ?? hold.expiresS,
  };
  if (isZero(direct)) {
    const isSame = kept.pricing === hold.pricing && kept.expiresS === hold.expiresS;
    return { row: kept, changes: isSame ? [] : [{ change: 'putHold', row: kept }] };
  }
  const { budget, payer } = ownerOf(view, hold.budgetId);
  const fa = heldIndirect(budget, { taskAmount, tasks: hold.tasks }, view.today);
  const more = { direct, fa: minus(fa, hold.fa), budget, payer };
  const room = roomToGrow(view, hold, more, ask);
  if (isRefused(room)) {
    return room;
  }
  const row = { ...kept, amount, fa };
  const lines = holdLines(hold, budget, more);
  const txn = holdTxn(view, hold, { kind: 'extend', over: room.over, key: ask.key, lines });
  return {
    row,
    changes: [
      { change: 'putHold', row },
      { change: 'post', txn },
    ],
  };
}

/**
 * Makes a hold larger or smaller (a changed time limit or size). Query: holds by token, with owners.
 * NOT_FOUND, ALREADY_RECONCILED, and for a larger one everything that placeHold refuses.
 */
export function extendHold(view: View, ask: ExtendHold): Decision<HoldAnswer> | Refused {
  const hold = openHold(view, ask.token);
  if (isRefused(hold)) {
    return hold;
  }
  const resized = resize(view, hold, ask);
  return isRefused(resized) ? resized : { changes: resized.changes, answer: answerOf(resized.row) };
}

/** What one task of the hold has. */
export function taskAmountOf(hold: HoldRow): Money {
  return hold.tasks === 0 ? hold.amount : dividedExactly(hold.amount, hold.tasks);
}

/** What one task of the hold has for F&A. */
export function taskIndirectOf(hold: HoldRow): Money {
  return hold.tasks === 0 ? hold.fa : dividedExactly(hold.fa, hold.tasks);
}
