import { assert } from '../errors.ts';
import { isNegative, isZero, type Money, minus, negate, plus } from '../money/money.ts';
import type { Line, Txn } from './change.ts';
import type { HoldRow } from './rows.ts';
import type { BudgetFigures, PayerView, View } from './view.ts';

// The lines of reliability.md 1.1, "How money moves". A line of 0 may be left out while two remain.

function free(ownerId: number, amount: Money): Line {
  return { kind: 'free', ownerId, amount };
}

function held(hold: HoldRow, amount: Money, partition = hold.partition): Line {
  return { kind: 'held', ownerId: hold.budgetId, amount, holdId: hold.holdId, partition };
}

function faHeld(hold: HoldRow, amount: Money, partition = hold.partition): readonly Line[] {
  const { budgetId: ownerId, holdId } = hold;
  return isZero(amount) ? [] : [{ kind: 'fa_held', ownerId, amount, holdId, partition }];
}

function spent(ownerId: number, amount: Money, partition: string): Line {
  return { kind: 'spent', ownerId, amount, partition };
}

/** Direct money and its F&A. */
export interface Parts {
  readonly direct: Money;
  readonly fa: Money;
}

export function fundLines(budgetId: number, amount: Money): readonly Line[] {
  return [{ kind: 'source', ownerId: 0, amount: negate(amount) }, free(budgetId, amount)];
}

/** What F&A adds to who pays it (P of reliability.md 1.1): the award, or with basis total the budget. */
function payerLine({ budget }: Payer, amount: Money): readonly Line[] {
  if (isZero(amount)) {
    return [];
  }
  if (budget.basis === 'total' || budget.awardId === undefined) {
    return [free(budget.budgetId, amount)];
  }
  return [{ kind: 'award', ownerId: budget.awardId, amount }];
}

/** Whose budget it is: its basis says who pays F&A. */
export type Payer = Pick<BudgetFigures, 'budget'>;

/** Of `hold` and `extend`; negative amounts give back. */
export function holdLines(hold: HoldRow, payer: Payer, { direct, fa }: Parts): readonly Line[] {
  return [
    free(hold.budgetId, negate(direct)),
    held(hold, direct),
    ...payerLine(payer, negate(fa)),
    ...faHeld(hold, fa),
  ];
}

/** The payer may stay unknown of a hold without F&A. */
export function releaseLines(hold: HoldRow, payer: Payer | undefined): readonly Line[] {
  return [
    held(hold, negate(hold.amount)),
    free(hold.budgetId, hold.amount),
    ...faHeld(hold, negate(hold.fa)),
    ...(payer === undefined ? [] : payerLine(payer, hold.fa)),
  ];
}

/** Other partition: nobody pays or gets anything. */
export function repartitionLines(from: HoldRow, to: HoldRow): readonly Line[] {
  return [
    held(from, negate(from.amount)),
    held(to, to.amount),
    ...faHeld(from, negate(from.fa)),
    ...faHeld(to, to.fa),
  ];
}

/** Other account: the lines of `release` on the old budget and of `hold` on the new, in one. */
export function moveLines(
  from: { readonly hold: HoldRow; readonly payer: Payer },
  to: { readonly hold: HoldRow; readonly payer: Payer },
): readonly Line[] {
  return [
    ...releaseLines(from.hold, from.payer),
    ...holdLines(to.hold, to.payer, { direct: to.hold.amount, fa: to.hold.fa }),
  ];
}

export function splitLines(
  array: HoldRow,
  tasks: readonly HoldRow[],
  taken: Parts,
): readonly Line[] {
  return [
    held(array, negate(taken.direct)),
    ...tasks.map((task) => held(task, task.amount)),
    ...faHeld(array, negate(taken.fa)),
    ...tasks.flatMap((task) => faHeld(task, task.fa)),
  ];
}

function faSpent(ownerId: number, amount: Money, partition: string): readonly Line[] {
  return isZero(amount) ? [] : [{ kind: 'fa_spent', ownerId, amount, partition }];
}

export function chargeLines(
  hold: HoldRow,
  payer: Payer,
  cost: Parts & { readonly partition: string },
): readonly Line[] {
  const { direct, fa, partition } = cost;
  const rest = minus(hold.amount, direct);
  const { budgetId } = hold;
  return [
    held(hold, negate(hold.amount)),
    spent(budgetId, direct, partition),
    ...(isZero(rest) ? [] : [free(budgetId, rest)]),
    ...faHeld(hold, negate(hold.fa)),
    ...faSpent(budgetId, fa, partition),
    ...payerLine(payer, minus(hold.fa, fa)),
  ];
}

/** Of `late` and `adjust` (signed). */
export function costLines(
  budgetId: number,
  payer: Payer,
  cost: Parts & { readonly partition: string },
): readonly Line[] {
  const { direct, fa, partition } = cost;
  return [
    free(budgetId, negate(direct)),
    spent(budgetId, direct, partition),
    ...payerLine(payer, negate(fa)),
    ...faSpent(budgetId, fa, partition),
  ];
}

function falls(before: Money, change: Money): boolean {
  return isNegative(change) && isNegative(plus(before, change));
}

/** 1 when a real cost takes `free` or the award below zero; the parts are what it does to who pays. */
export function overFor(figures: BudgetFigures, { direct, fa }: Parts): 0 | 1 {
  const { budget, award } = figures;
  const isOwn = budget.basis === 'total' || award === undefined;
  const isOver =
    falls(figures.free, isOwn ? plus(direct, fa) : direct) ||
    (!isOwn && award !== undefined && falls(award.left, fa));
  return isOver ? 1 : 0;
}

export function budgetOf(owner: PayerView, budgetId: number): BudgetFigures | undefined {
  return owner.account.budgets.find(({ budget }) => budget.budgetId === budgetId);
}

/** The budget that `roomFor` chose. */
export function payerIn(owner: PayerView, budgetId: number): BudgetFigures {
  const budget = budgetOf(owner, budgetId);
  assert(budget !== undefined, `the payer has no budget ${budgetId}`);
  return budget;
}

/** When the money belongs: now, unless the caller knows better (job end). */
export interface Effective {
  readonly effectiveS: number;
  /** YYYYMMDD of it in the site zone. */
  readonly day: number;
}

export function holdTxn(
  view: View,
  hold: Pick<HoldRow, 'clusterId' | 'holdId'>,
  parts: Pick<Txn, 'kind' | 'lines'> & Partial<Txn>,
): Txn {
  return {
    effectiveS: view.nowS,
    day: view.today,
    clusterId: hold.clusterId,
    holdId: hold.holdId,
    ...parts,
  };
}
