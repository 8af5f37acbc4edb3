import type { Change, Line } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { plus, ZERO } from '../money/money.ts';
import type { AwardRow, FaRateRow } from './rows.ts';
import type { AwardBudget, AwardFigures } from './view.ts';

// What a grant would look like after an act: for --dry-run.

function blank(award: AwardRow): AwardFigures {
  return {
    award,
    left: ZERO,
    rates: [],
    fa: [],
    changes: [],
    budgets: [],
    external: ZERO,
    faExternal: ZERO,
    reports: [],
    entries: [],
    spentOnDays: [],
    baseBooked: [],
  };
}

function withRate(rates: readonly FaRateRow[], row: FaRateRow): readonly FaRateRow[] {
  const others = rates.filter(({ rateId }) => rateId !== row.rateId);
  return [...others, row].toSorted((a, b) => a.fromDay - b.fromDay || a.rateId - b.rateId);
}

function withBudget(figures: AwardFigures, view: View, row: AwardBudget['budget']): AwardFigures {
  const known = figures.budgets.find(({ budget }) => budget.budgetId === row.budgetId);
  if (known !== undefined) {
    const changed = { ...known, budget: row };
    return {
      ...figures,
      budgets: figures.budgets.map((each) => (each === known ? changed : each)),
    };
  }
  const owner = view.accounts.find(({ account }) => account.accountId === row.accountId);
  if (owner === undefined || row.awardId !== figures.award.awardId) {
    return figures; // a budget of another source that made room in the order of draw
  }
  const made: AwardBudget = {
    budget: row,
    accountName: owner.account.name,
    account: owner.account,
    free: ZERO,
    held: ZERO,
    spent: ZERO,
    faHeld: ZERO,
    faSpent: ZERO,
    openHoldCount: 0,
    linked: ZERO,
  };
  return { ...figures, budgets: [...figures.budgets, made] };
}

function onBudget(
  figures: AwardFigures,
  { ownerId, amount }: Line,
  figure: 'free' | 'held' | 'spent' | 'faHeld' | 'faSpent',
): AwardFigures {
  const budgets = figures.budgets.map((each) =>
    each.budget.budgetId === ownerId ? { ...each, [figure]: plus(each[figure], amount) } : each,
  );
  return { ...figures, budgets };
}

function withLine(figures: AwardFigures, line: Line): AwardFigures {
  const { kind, ownerId, amount } = line;
  const mine = ownerId === figures.award.awardId ? amount : ZERO;
  switch (kind) {
    case 'award':
      return { ...figures, left: plus(figures.left, mine) };
    case 'external':
      return { ...figures, external: plus(figures.external, mine) };
    case 'fa_external':
      return { ...figures, faExternal: plus(figures.faExternal, mine) };
    case 'free':
    case 'held':
    case 'spent':
      return onBudget(figures, line, kind);
    case 'fa_held':
      return onBudget(figures, line, 'faHeld');
    case 'fa_spent':
      return onBudget(figures, line, 'faSpent');
    case 'source':
      return figures;
  }
}

function after(figures: AwardFigures, view: View, change: Change): AwardFigures {
  switch (change.change) {
    case 'putAward':
      return { ...figures, award: change.row };
    case 'insertAwardChange':
      return { ...figures, changes: [...figures.changes, change.row] };
    case 'putFaRate':
      return { ...figures, rates: withRate(figures.rates, change.row) };
    case 'putBudget':
      return withBudget(figures, view, change.row);
    case 'insertEntry':
      return { ...figures, entries: [...figures.entries, change.row] };
    case 'post':
      return change.txn.lines.reduce(withLine, figures);
    default:
      return figures;
  }
}

/** The figures of the grant after these changes; undefined where there is no such grant. */
export function previewAward(
  view: View,
  number: string,
  changes: readonly Change[],
): AwardFigures | undefined {
  const made = changes.find((change) => change.change === 'putAward');
  const known = view.awards?.awards.find(({ award }) => award.number === number);
  const before = known ?? (made && blank(made.row));
  return before && changes.reduce((figures, change) => after(figures, view, change), before);
}
