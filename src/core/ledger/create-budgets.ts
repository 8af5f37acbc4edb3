import { isRefused, type Refused } from '../errors.ts';
import type { AwardFigures } from '../grant/view.ts';
import { allotLines, awardTooSmall, closedAward, findAward, moneyPost } from '../grant/words.ts';
import { exceeds, isZero, type Money, minus } from '../money/money.ts';
import { invalid } from './account-words.ts';
import type { Change } from './change.ts';
import { fundPost } from './fund.ts';
import type { BudgetRow } from './rows.ts';
import type { View } from './view.ts';

export interface FirstBudgets {
  /** Numbers, in order of draw; none: one budget without a grant. */
  readonly grants: readonly string[];
  readonly basis: BudgetRow['basis'];
  /** Of the first. */
  readonly amount: Money;
}

export interface OpenedBudgets {
  readonly first: BudgetRow;
  readonly changes: readonly Change[];
  /** Transactions among them. */
  readonly posts: number;
  /** What is left of the first one's award. */
  readonly awardFree: Money | undefined;
}

function rowOf(view: View, at: number, more: Pick<BudgetRow, 'awardId' | 'basis'>): BudgetRow {
  const { accountId, budgetId } = view.next;
  return { budgetId: budgetId + at, accountId, rank: at, closed: false, ...more };
}

function awardsOf(view: View, grants: readonly string[]): readonly AwardFigures[] | Refused {
  const awards: AwardFigures[] = [];
  for (const number of grants) {
    const figures = findAward(view, number);
    if (isRefused(figures)) {
      return figures;
    }
    const closed = closedAward(figures.award);
    if (closed !== undefined) {
      return closed;
    }
    awards.push(figures);
  }
  return new Set(grants).size === grants.length
    ? awards
    : invalid('grant', 'a grant is named twice', 'name each once, in order of draw');
}

/**
 * The budgets of a new account (view.next): one of its own, funded with the amount, or one on each grant,
 * the amount allotted to the first by its award. NOT_FOUND, POLICY (closed), INSUFFICIENT_BUDGET.
 */
export function openBudgets(
  view: View,
  { grants, basis, amount }: FirstBudgets,
): OpenedBudgets | Refused {
  const awards = awardsOf(view, grants);
  if (isRefused(awards)) {
    return awards;
  }
  const [giver] = awards;
  if (giver === undefined) {
    const first = rowOf(view, 0, { awardId: undefined, basis: 'direct' });
    const posts = fundPost(view, first.budgetId, amount);
    const changes: readonly Change[] = [{ change: 'putBudget', row: first }, ...posts];
    return { first, changes, posts: posts.length, awardFree: undefined };
  }
  if (exceeds(amount, giver.left)) {
    return awardTooSmall(giver, amount);
  }
  const rows = awards.map(({ award }, at) => rowOf(view, at, { awardId: award.awardId, basis }));
  const first = rowOf(view, 0, { awardId: giver.award.awardId, basis });
  const lines = allotLines(giver.award.awardId, first.budgetId, amount);
  const posts = isZero(amount) ? [] : [moneyPost(view, { kind: 'allocate', cause: 'link', lines })];
  return {
    first,
    changes: [...rows.map((row): Change => ({ change: 'putBudget', row })), ...posts],
    posts: posts.length,
    awardFree: minus(giver.left, amount),
  };
}
