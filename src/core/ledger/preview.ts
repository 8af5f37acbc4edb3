import { assert } from '../errors.ts';
import { plus, ZERO } from '../money/money.ts';
import type { Change, Line } from './change.ts';
import type { AccountRow } from './rows.ts';
import type { AccountFigures, BudgetFigures } from './view.ts';

function empty(account: AccountRow): AccountFigures {
  return {
    account,
    slurmNames: [],
    budgets: [],
    partitions: [],
    belowHeld: ZERO,
    belowSpent: ZERO,
    childNames: [],
    height: 0,
    openHoldCount: 0,
    hasHistory: false,
  };
}

function booked(figures: BudgetFigures, line: Line): BudgetFigures {
  if (line.ownerId !== figures.budget.budgetId) {
    return figures;
  }
  switch (line.kind) {
    case 'free':
      return { ...figures, free: plus(figures.free, line.amount) };
    case 'held':
      return { ...figures, held: plus(figures.held, line.amount) };
    case 'spent':
      return { ...figures, spent: plus(figures.spent, line.amount) };
    case 'source':
    case 'award':
    case 'external':
    case 'fa_external':
    case 'fa_held':
    case 'fa_spent':
      return figures;
  }
}

function withBudget(figures: AccountFigures, row: BudgetFigures['budget']): AccountFigures {
  const known = figures.budgets.find(({ budget }) => budget.budgetId === row.budgetId);
  const others = figures.budgets.filter((each) => each !== known);
  const { free, held, spent } = known ?? { free: ZERO, held: ZERO, spent: ZERO };
  return { ...figures, budgets: [...others, { budget: row, free, held, spent }] };
}

function withLimit(
  figures: AccountFigures,
  row: AccountFigures['partitions'][number]['limit'],
): AccountFigures {
  const known = figures.partitions.find(({ limit }) => limit.partition === row.partition);
  const others = figures.partitions.filter((each) => each !== known);
  const { held, spent } = known ?? { held: ZERO, spent: ZERO };
  return { ...figures, partitions: [...others, { limit: row, held, spent }] };
}

function changed(figures: AccountFigures, change: Change): AccountFigures {
  switch (change.change) {
    case 'putAccount':
      return { ...figures, account: change.row };
    case 'putSlurmName':
      return { ...figures, slurmNames: [...figures.slurmNames, change.row] };
    case 'removeSlurmName':
      return {
        ...figures,
        slurmNames: figures.slurmNames.filter(({ name }) => name !== change.name),
      };
    case 'putBudget':
      return withBudget(figures, change.row);
    case 'putPartitionLimit':
      return withLimit(figures, change.row);
    case 'removePartitionLimit':
      return {
        ...figures,
        partitions: figures.partitions.filter(({ limit }) => limit.partition !== change.partition),
      };
    case 'post':
      return {
        ...figures,
        budgets: figures.budgets.map((budget) => change.txn.lines.reduce(booked, budget)),
      };
    default:
      return figures;
  }
}

/** What an account would look like after a decision about it: for --dry-run. */
export function preview(
  before: AccountFigures | undefined,
  changes: readonly Change[],
): AccountFigures {
  const first = changes.find((change) => change.change === 'putAccount');
  const start = before ?? (first === undefined ? undefined : empty(first.row));
  assert(start !== undefined, 'a preview needs an account');
  return changes.reduce(changed, start);
}
