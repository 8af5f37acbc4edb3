import { assert, isRefused, type Refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { exceeds, isNegative, type Money, negate, toMicrosText } from '../money/money.ts';
import { bookCost } from './book-cost.ts';
import type { Change, Decision } from './change.ts';
import { ownerOf } from './hold-words.ts';
import { costLines, type Effective, overFor } from './postings.ts';
import type { AccountRow, HoldRow } from './rows.ts';
import { type Cost, costAmount, settled } from './settle.ts';
import type { BudgetFigures, View } from './view.ts';

export interface LatePost {
  readonly budgetId: number;
  readonly hold?: HoldRow | undefined;
  readonly cost: Cost;
  readonly partition: string;
  readonly effective: Effective;
  readonly key: string;
}

/** `late:<token>` from a file or by hand, `late:<token>:<instance>:<from_s>` from segments. */
export function lateKeyOf(token: string, cost: Cost): string {
  const first = cost.kind === 'amount' ? undefined : cost.shares[0];
  const key =
    first === undefined ? `late:${token}` : `late:${token}:${first.instanceId}:${first.fromS}`;
  return cost.kind === 'volumes' ? `${key}${OF_VOLUMES}` : key;
}

/** End of the key of what volumes cost: a second transaction of the same segments. */
export const OF_VOLUMES = '#volumes';

interface Payer {
  readonly budget: BudgetFigures;
  readonly account: AccountRow;
}

function payerIn(view: View, budgetId: number): Payer {
  const known = [...(view.payer === undefined ? [] : [view.payer.account]), ...view.accounts];
  for (const { account, budgets } of known) {
    const budget = budgets.find((each) => each.budget.budgetId === budgetId);
    if (budget !== undefined) {
      return { budget, account };
    }
  }
  const { budget, payer } = ownerOf(view, budgetId);
  return { budget, account: payer.account.account };
}

/** The changes of one `late`: the post, then its shares. */
export function latePost(view: View, ask: LatePost): readonly Change[] {
  const amount = costAmount(ask.cost);
  assert(!isNegative(amount), 'a late cost is never negative');
  const payer = payerIn(view, ask.budgetId);
  const { seq: txnSeq } = view.next;
  const { fa, rows, cause } = bookCost(view, payer, {
    direct: amount,
    day: ask.effective.day,
    txnSeq,
  });
  const { budget } = payer;
  const { partition } = ask;
  const txn = {
    kind: 'late',
    cause: cause ?? (ask.cost.kind === 'volumes' ? 'volumes' : undefined),
    over: overFor(budget, { direct: negate(amount), fa: negate(fa) }),
    clusterId: view.clusterId,
    holdId: ask.hold?.holdId,
    key: ask.key,
    lines: costLines(ask.budgetId, budget, { direct: amount, fa, partition }),
    ...ask.effective,
  } as const;
  return [{ change: 'post', txn }, ...rows, ...settled(ask.cost, txnSeq)];
}

export interface ChargeWithoutHold {
  readonly cost: Cost;
  readonly partition: string;
  readonly effective: Effective;
  /** `late:<job>:<submit_s>:<restart>` or `late:pool:<instance>:<from_s>`. */
  readonly key: string;
}

export interface LateAnswer extends JsonObject {
  readonly seq: number;
  readonly amount: string;
}

/**
 * Which budget bears a cost that no hold covers: the first in order of draw that was open to such work
 * then and has the money, else the first that was, else the first at all.
 */
export function budgetForCost(
  budgets: readonly BudgetFigures[],
  amount: Money,
  effectiveS: number,
): BudgetFigures | undefined {
  const open = budgets.filter(({ budget }) => !budget.closed);
  const then = open.filter(
    ({ award }) =>
      award === undefined || (award.award.startS <= effectiveS && effectiveS <= award.award.endS),
  );
  return then.find(({ free }) => !exceeds(amount, free)) ?? then[0] ?? open[0] ?? budgets[0];
}

/**
 * A cost that no hold covers: a job that ran unchecked, idle nodes on the pool account. Query: payer.
 * NOT_FOUND through `noPayer`.
 */
export function chargeWithoutHold(
  view: View,
  ask: ChargeWithoutHold,
  noPayer: Refused,
): Decision<LateAnswer> | Refused {
  const { effectiveS } = ask.effective;
  const payer =
    budgetForCost(view.payer?.account.budgets ?? [], costAmount(ask.cost), effectiveS) ?? noPayer;
  if (isRefused(payer)) {
    return payer;
  }
  const { budgetId } = payer.budget;
  const amount = toMicrosText(costAmount(ask.cost));
  return {
    changes: latePost(view, { ...ask, budgetId }),
    answer: { seq: view.next.seq, amount },
  };
}
