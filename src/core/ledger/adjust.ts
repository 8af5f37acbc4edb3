import { type Money, negate } from '../money/money.ts';
import { bookCost } from './book-cost.ts';
import type { Change } from './change.ts';
import { ownerOf } from './hold-words.ts';
import { costLines, type Effective, overFor } from './postings.ts';
import { type Cost, settled } from './settle.ts';
import type { ChargeFigures, View } from './view.ts';

export interface AdjustPost {
  /** The charge or late that is corrected; its figures come from the same transaction. */
  readonly parent: ChargeFigures;
  readonly clusterId: number;
  /** What is added to the charge; negative lowers it. */
  readonly difference: Money;
  readonly cause: 'amend' | 'bill' | 'refund' | 'manual';
  /** Shares that stand for the corrected charge (I14); an amount settles none. */
  readonly cost?: Cost | undefined;
  /** Absent: when the charge belonged. */
  readonly effective?: Effective | undefined;
}

function adjustKey(parent: ChargeFigures): string {
  return `adjust:${parent.seq}:${parent.adjustCount + 1}`;
}

/**
 * The changes of one `adjust`: the post, then its shares. It is booked where and when the charge was.
 * Query: holds with owners and charges. The charge never falls below zero: callers check.
 */
export function adjustPost(view: View, ask: AdjustPost): readonly Change[] {
  const { parent, difference } = ask;
  const { budget, payer } = ownerOf(view, parent.budgetId);
  const { fa, rows } = bookCost(
    view,
    { budget, account: payer.account.account },
    { direct: difference, day: parent.day, txnSeq: view.next.seq, before: parent.amount },
  );
  const txn = {
    kind: 'adjust',
    cause: ask.cause,
    over: overFor(budget, { direct: negate(difference), fa: negate(fa) }),
    effectiveS: ask.effective?.effectiveS ?? parent.effectiveS,
    day: ask.effective?.day ?? parent.day,
    clusterId: ask.clusterId,
    holdId: parent.holdId,
    parent: parent.seq,
    key: adjustKey(parent),
    lines: costLines(parent.budgetId, budget, {
      direct: difference,
      fa,
      partition: parent.partition,
    }),
  } as const;
  return [
    { change: 'post', txn },
    ...rows,
    ...(ask.cost === undefined ? [] : settled(ask.cost, view.next.seq)),
  ];
}
