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

function spent(ownerId: number, amount: Money, partition: string): Line {
  return { kind: 'spent', ownerId, amount, partition };
}

export function fundLines(budgetId: number, amount: Money): readonly Line[] {
  return [{ kind: 'source', ownerId: 0, amount: negate(amount) }, free(budgetId, amount)];
}

/** Of `hold` and `extend`; a negative amount gives back. */
export function holdLines(hold: HoldRow, amount: Money): readonly Line[] {
  return [free(hold.budgetId, negate(amount)), held(hold, amount)];
}

export function releaseLines(hold: HoldRow): readonly Line[] {
  return [held(hold, negate(hold.amount)), free(hold.budgetId, hold.amount)];
}

/** Other partition, or other account: the lines of `release` and `hold` in one. */
export function moveLines(from: HoldRow, to: HoldRow): readonly Line[] {
  return from.budgetId === to.budgetId
    ? [held(from, negate(from.amount)), held(to, to.amount)]
    : [...releaseLines(from), ...holdLines(to, to.amount)];
}

export function splitLines(
  array: HoldRow,
  tasks: readonly HoldRow[],
  taken: Money,
): readonly Line[] {
  return [held(array, negate(taken)), ...tasks.map((task) => held(task, task.amount))];
}

export function chargeLines(hold: HoldRow, cost: Money, partition: string): readonly Line[] {
  const rest = minus(hold.amount, cost);
  const lines = [held(hold, negate(hold.amount)), spent(hold.budgetId, cost, partition)];
  return isZero(rest) ? lines : [...lines, free(hold.budgetId, rest)];
}

/** Of `late` and `adjust` (signed). */
export function costLines(budgetId: number, cost: Money, partition: string): readonly Line[] {
  return [free(budgetId, negate(cost)), spent(budgetId, cost, partition)];
}

/** 1 when a real cost takes `free` below zero; `change` is what the transaction does to it. */
export function overFor(budget: BudgetFigures, change: Money): 0 | 1 {
  return isNegative(change) && isNegative(plus(budget.free, change)) ? 1 : 0;
}

export function budgetOf(owner: PayerView, budgetId: number): BudgetFigures | undefined {
  return owner.account.budgets.find(({ budget }) => budget.budgetId === budgetId);
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
