import { type Money, minus, plus, sum } from '../money/money.ts';
import type { AccountMoney, BudgetFigures, PartitionFigures } from './view.ts';

/** What people read of an account (budget.md 4.2): available = limit − used − held, children included. */
export interface Sums {
  readonly limit: Money;
  readonly used: Money;
  readonly held: Money;
  readonly available: Money;
}

function budgetLimit(figures: BudgetFigures): Money {
  return plus(figures.free, plus(figures.held, figures.spent));
}

export function accountSums(figures: AccountMoney): Sums {
  const limit = sum(figures.budgets.map(budgetLimit));
  const held = plus(sum(figures.budgets.map((budget) => budget.held)), figures.belowHeld);
  const used = plus(sum(figures.budgets.map((budget) => budget.spent)), figures.belowSpent);
  return { limit, used, held, available: minus(limit, plus(used, held)) };
}

export function partitionSums(figures: PartitionFigures): Sums {
  const { limit } = figures.limit;
  return {
    limit,
    used: figures.spent,
    held: figures.held,
    available: minus(limit, plus(figures.spent, figures.held)),
  };
}
