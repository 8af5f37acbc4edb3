import { isRefused, type Refused } from '../errors.ts';
import { type Money, times } from '../money/money.ts';
import type { Decision } from './change.ts';
import { type Resized, resize, taskAmountOf } from './extend-hold.ts';
import { roomFor, shortPartition } from './fit.ts';
import { answerOf, type HoldAnswer, openHold, ownerOf } from './hold-words.ts';
import { holdTxn, moveLines } from './postings.ts';
import type { HoldRow } from './rows.ts';
import { payerOf } from './usable.ts';
import type { PayerView, View } from './view.ts';

export interface MoveHold {
  readonly token: string;
  /** Where the job runs now; absent: stays. */
  readonly partition?: string | undefined;
  /** The SLURM account of the query's payer, when the account may have changed; absent: stays. */
  readonly slurmAccount?: string | undefined;
  /** The new price of a task, when it has changed too. */
  readonly taskAmount?: Money | undefined;
  readonly pricing?: string | undefined;
  readonly expiresS?: number | undefined;
  /** For growth in the same account. A move to another account never overdraws it (I3). */
  readonly allowNegative?: boolean | undefined;
  /** The job has started there: a partition's limit cannot refuse it any more. */
  readonly isFact?: boolean | undefined;
}

/** The account the job names now, when it is not the hold's own any more. */
function newPayer(
  view: View,
  hold: HoldRow,
  slurmAccount: string | undefined,
): PayerView | Refused | undefined {
  const owner = ownerOf(view, hold.budgetId).payer;
  const isSame = view.payer?.account.account.accountId === owner.account.account.accountId;
  return slurmAccount === undefined || isSame ? undefined : payerOf(view, slurmAccount);
}

/** The old account and its ancestors hold the amount already: above both nothing grows. */
function heldAlready(view: View, hold: HoldRow): ReadonlyMap<number, Money> {
  const owner = ownerOf(view, hold.budgetId).payer;
  return new Map(
    [owner.account, ...owner.ancestors].map(({ account }) => [account.accountId, hold.amount]),
  );
}

function moved(view: View, from: HoldRow, to: HoldRow): Resized {
  const row = { ...to, moves: from.moves + 1 };
  const key = `move:${from.token}:${row.moves}`;
  const txn = holdTxn(view, from, { kind: 'move', key, lines: moveLines(from, row) });
  return {
    row,
    changes: [
      { change: 'putHold', row },
      { change: 'post', txn },
    ],
  };
}

/** Released there and held here, with what it costs now, in one transaction. */
function toAccount(view: View, hold: HoldRow, payer: PayerView, ask: MoveHold): Resized | Refused {
  const partition = ask.partition ?? hold.partition;
  const amount = times(ask.taskAmount ?? taskAmountOf(hold), hold.tasks);
  const partitions = ask.isFact === true ? [] : [partition];
  const room = roomFor(payer, { amount, partitions, heldAlready: heldAlready(view, hold) });
  return isRefused(room)
    ? room
    : moved(view, hold, {
        ...hold,
        budgetId: room.budgetId,
        partition,
        amount,
        pricing: ask.pricing ?? hold.pricing,
        expiresS: ask.expiresS ?? hold.expiresS,
      });
}

function toPartition(
  view: View,
  hold: HoldRow,
  partition: string,
  ask: MoveHold,
): Resized | Refused {
  const taskAmount = ask.taskAmount ?? taskAmountOf(hold);
  const { account } = ownerOf(view, hold.budgetId).payer;
  const short =
    ask.isFact === true
      ? undefined
      : shortPartition(account, [partition], times(taskAmount, hold.tasks));
  if (short !== undefined) {
    return short;
  }
  const there = moved(view, hold, { ...hold, partition });
  const resized = resize(view, there.row, { ...ask, taskAmount, partitions: [] });
  return isRefused(resized)
    ? resized
    : { row: resized.row, changes: [...there.changes, ...resized.changes] };
}

/**
 * Books a hold on the partition or account that its job names now, with its new price where that
 * changed. Query: holds by token with owners, and payer with `slurmAccount`. NOT_FOUND,
 * ALREADY_RECONCILED, and what placeHold refuses.
 */
export function moveHold(view: View, ask: MoveHold): Decision<HoldAnswer> | Refused {
  const hold = openHold(view, ask.token);
  if (isRefused(hold)) {
    return hold;
  }
  const payer = newPayer(view, hold, ask.slurmAccount);
  if (isRefused(payer)) {
    return payer;
  }
  const result = rebooked(view, hold, payer, ask);
  return isRefused(result) ? result : { changes: result.changes, answer: answerOf(result.row) };
}

function rebooked(
  view: View,
  hold: HoldRow,
  payer: PayerView | undefined,
  ask: MoveHold,
): Resized | Refused {
  if (payer !== undefined) {
    return toAccount(view, hold, payer, ask);
  }
  if (ask.partition !== undefined && ask.partition !== hold.partition) {
    return toPartition(view, hold, ask.partition, ask);
  }
  return resize(view, hold, { ...ask, taskAmount: ask.taskAmount ?? taskAmountOf(hold) });
}
