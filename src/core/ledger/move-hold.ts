import { isRefused, type Refused } from '../errors.ts';
import { heldIndirect } from '../grant/indirect.ts';
import { type Money, plus, times, ZERO } from '../money/money.ts';
import type { Decision, Txn } from './change.ts';
import { type Resized, resize, taskAmountOf } from './extend-hold.ts';
import { roomFor, shortPartition } from './fit.ts';
import { answerOf, type HoldAnswer, openHold, ownerOf } from './hold-words.ts';
import { holdTxn, moveLines, payerIn, repartitionLines } from './postings.ts';
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

function moved(view: View, from: HoldRow, row: HoldRow, lines: Txn['lines']): Resized {
  const key = `move:${from.token}:${row.moves}`;
  const txn = holdTxn(view, from, { kind: 'move', key, lines });
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
  const { tasks } = hold;
  const taskAmount = ask.taskAmount ?? taskAmountOf(hold);
  const amount = times(taskAmount, tasks);
  const room = roomFor(payer, {
    amount,
    partitions: ask.isFact === true ? [] : [partition],
    heldAlready: heldAlready(view, hold),
    nowS: view.nowS,
    today: view.today,
    faOf: (figures) => heldIndirect(figures, { taskAmount, tasks }, view.today),
  });
  if (isRefused(room)) {
    return room;
  }
  const { budgetId, fa } = room;
  const to: HoldRow = {
    ...hold,
    budgetId,
    partition,
    amount,
    fa,
    pricing: ask.pricing ?? hold.pricing,
    expiresS: ask.expiresS ?? hold.expiresS,
    moves: hold.moves + 1,
  };
  const lines = moveLines(
    { hold, payer: ownerOf(view, hold.budgetId).budget },
    { hold: to, payer: payerIn(payer, budgetId) },
  );
  return moved(view, hold, to, lines);
}

function toPartition(
  view: View,
  hold: HoldRow,
  partition: string,
  ask: MoveHold,
): Resized | Refused {
  const taskAmount = ask.taskAmount ?? taskAmountOf(hold);
  const { tasks } = hold;
  const { budget, payer } = ownerOf(view, hold.budgetId);
  const fa =
    budget.budget.basis === 'total'
      ? heldIndirect(budget, { taskAmount, tasks }, view.today)
      : ZERO;
  const short =
    ask.isFact === true
      ? undefined
      : shortPartition(payer.account, [partition], plus(times(taskAmount, tasks), fa));
  if (short !== undefined) {
    return short;
  }
  const to = { ...hold, partition, moves: hold.moves + 1 };
  const there = moved(view, hold, to, repartitionLines(hold, to));
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
