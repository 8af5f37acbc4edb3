import { type Refused, refused } from '../errors.ts';
import { leavesNoBase } from '../grant/indirect.ts';
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

/** What the F&A is on has been taken off by other corrections already. */
export function noBaseLeft(
  grant: string | undefined,
  fields: Readonly<Record<string, string>>,
): Refused {
  return refused(
    'VALIDATION_ERROR',
    `grant ${grant ?? ''} has fewer costs under the F&A rate of that day: so much cannot be taken back`,
    { advice: `see asbb transactions list --grant ${grant ?? ''} --type adjustment`, fields },
  );
}

/**
 * The changes of one `adjust`: the post, then its shares. It is booked where and when the charge was.
 * Query: holds with owners and charges. The charge never falls below zero: callers check.
 * VALIDATION_ERROR: other corrections have taken off what its F&A is on.
 */
export function adjustPost(view: View, ask: AdjustPost): readonly Change[] | Refused {
  const { parent, difference } = ask;
  const { budget, payer } = ownerOf(view, parent.budgetId);
  if (leavesNoBase(budget.award, { base: difference, day: parent.day })) {
    return noBaseLeft(budget.award?.award.number, { field: 'amount' });
  }
  const { fa, rows, cause } = bookCost(
    view,
    { budget, account: payer.account.account },
    { direct: difference, day: parent.day, txnSeq: view.next.seq, corrects: parent },
  );
  const txn = {
    kind: 'adjust',
    cause: ask.cause === 'manual' ? (cause ?? ask.cause) : ask.cause,
    over: overFor(budget, { direct: negate(difference), fa: negate(fa) }),
    effectiveS: ask.effective?.effectiveS ?? parent.effectiveS,
    day: ask.effective?.day ?? parent.day,
    clusterId: ask.clusterId,
    holdId: parent.holdId,
    parent: parent.seq,
    key: adjustKey(parent),
    scope: 'site', // a key that names a seq stands for the whole site
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
