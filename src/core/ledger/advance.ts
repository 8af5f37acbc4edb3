import type { FaRow } from '../grant/rows.ts';
import type { BudgetAward } from '../grant/view.ts';
import { type Money, plus, sum } from '../money/money.ts';
import type { Change, Line } from './change.ts';
import type { AccountMoney, BudgetFigures, View } from './view.ts';

// A decision of several transactions: each must see what those before it left.

interface Moves {
  readonly lines: readonly Line[];
  readonly fa: readonly FaRow[];
  readonly posts: number;
}

function movesOf(changes: readonly Change[]): Moves {
  const txns = changes.flatMap((each) => (each.change === 'post' ? [each.txn] : []));
  return {
    lines: txns.flatMap(({ lines }) => lines),
    fa: changes.flatMap((each) => (each.change === 'insertFa' ? [each.row] : [])),
    posts: txns.length,
  };
}

function moved({ lines }: Moves, kinds: readonly Line['kind'][], ownerId: number): Money {
  return sum(
    lines
      .filter((line) => line.ownerId === ownerId && kinds.includes(line.kind))
      .map(({ amount }) => amount),
  );
}

export function awardAfter<A extends BudgetAward>(award: A, changes: readonly Change[]): A {
  return advancedAward(award, movesOf(changes));
}

function advancedAward<A extends BudgetAward>(award: A, moves: Moves): A {
  const known = new Set(award.rates.map(({ rateId }) => rateId));
  const sums = new Map(award.fa.map((each) => [each.rateId, each]));
  for (const { rateId, cumBase, cum } of moves.fa.filter((row) => known.has(row.rateId))) {
    sums.set(rateId, { rateId, cumBase, cum });
  }
  const left = plus(award.left, moved(moves, ['award'], award.award.awardId));
  return { ...award, left, fa: [...sums.values()] };
}

function advancedBudget(figures: BudgetFigures, moves: Moves): BudgetFigures {
  const id = figures.budget.budgetId;
  const isTotal = figures.budget.basis === 'total';
  return {
    ...figures,
    free: plus(figures.free, moved(moves, ['free'], id)),
    held: plus(figures.held, moved(moves, isTotal ? ['held', 'fa_held'] : ['held'], id)),
    spent: plus(figures.spent, moved(moves, isTotal ? ['spent', 'fa_spent'] : ['spent'], id)),
    award: figures.award && advancedAward(figures.award, moves),
  };
}

function advancedAccount<A extends AccountMoney>(figures: A, moves: Moves): A {
  return { ...figures, budgets: figures.budgets.map((budget) => advancedBudget(budget, moves)) };
}

/** The view after these changes, as far as money of budgets and awards and the next seq go. */
export function afterChanges(view: View, changes: readonly Change[]): View {
  const moves = movesOf(changes);
  if (moves.posts === 0) {
    return view;
  }
  return {
    ...view,
    accounts: view.accounts.map((account) => advancedAccount(account, moves)),
    owners: view.owners.map((owner) => ({
      ...owner,
      account: advancedAccount(owner.account, moves),
    })),
    payer: view.payer && { ...view.payer, account: advancedAccount(view.payer.account, moves) },
    next: { ...view.next, seq: view.next.seq + moves.posts },
  };
}
