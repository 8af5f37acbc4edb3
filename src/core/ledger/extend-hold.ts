import { isRefused, type Refused } from '../errors.ts';
import { dividedExactly, isPositive, isZero, type Money, minus, times } from '../money/money.ts';
import type { Change, Decision } from './change.ts';
import { type Room, roomFor } from './fit.ts';
import { answerOf, type HoldAnswer, openHold, ownerOf } from './hold-words.ts';
import { holdLines, holdTxn } from './postings.ts';
import type { HoldRow } from './rows.ts';
import { unusable } from './usable.ts';
import type { View } from './view.ts';

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

/** May the hold grow by `more`? A smaller hold always may. */
function roomToGrow(view: View, hold: HoldRow, more: Money, ask: Resize): Room | Refused {
  const { budgetId } = hold;
  if (!isPositive(more)) {
    return { budgetId, over: 0 };
  }
  const { payer } = ownerOf(view, budgetId);
  const partitions = ask.partitions ?? [hold.partition];
  const { allowNegative } = ask;
  return (
    unusable(payer.account.account, view.nowS) ??
    roomFor(payer, { amount: more, partitions, budgetId, allowNegative })
  );
}

/** Makes the hold `taskAmount` a task. */
export function resize(view: View, hold: HoldRow, ask: Resize): Resized | Refused {
  const amount = times(ask.taskAmount, hold.tasks);
  const more = minus(amount, hold.amount);
  const row = {
    ...hold,
    amount,
    pricing: ask.pricing ?? hold.pricing,
    expiresS: ask.expiresS ?? hold.expiresS,
  };
  if (isZero(more)) {
    const isSame = row.pricing === hold.pricing && row.expiresS === hold.expiresS;
    return { row, changes: isSame ? [] : [{ change: 'putHold', row }] };
  }
  const room = roomToGrow(view, hold, more, ask);
  if (isRefused(room)) {
    return room;
  }
  const lines = holdLines(hold, more);
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
