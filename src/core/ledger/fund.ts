import { isRefused, type Refused, refused } from '../errors.ts';
import type { BudgetAward } from '../grant/view.ts';
import { allotLines, awardTooSmall, closedAward, moneyPost } from '../grant/words.ts';
import { exceeds, isPositive, isZero, type Money, plus } from '../money/money.ts';
import {
  type AccountAnswer,
  type Bounds,
  badLimit,
  findAccount,
  invalid,
  plainBudget,
} from './account-words.ts';
import type { Change, Decision } from './change.ts';
import { fundLines } from './postings.ts';
import { accountSums } from './sums.ts';
import type { AccountFigures, BudgetFigures, View } from './view.ts';

/** The changes of one `fund`; none for nothing. over=2: a cut below zero, by force. */
export function fundPost(
  view: View,
  budgetId: number,
  amount: Money,
  over: 0 | 2 = 0,
): readonly Change[] {
  const lines = fundLines(budgetId, amount);
  const txn = { kind: 'fund', over, effectiveS: view.nowS, day: view.today, lines } as const;
  return isZero(amount) ? [] : [{ change: 'post', txn }];
}

export interface Deposit {
  readonly name: string;
  readonly amount: Money;
  /** Number of the grant that gives it; absent: the plain budget, or the only grant there is. */
  readonly grant?: string | undefined;
  readonly bounds: Bounds;
}

/** Where a deposit goes: a budget on the grant that was named, else the plain one, else the only one. */
function budgetFor(figures: AccountFigures, grant: string | undefined): BudgetFigures | Refused {
  const { name } = figures.account;
  const open = figures.budgets.filter(({ budget }) => !budget.closed);
  const granted = open.filter(({ award }) => award !== undefined);
  if (grant !== undefined) {
    const found = granted.find(({ award }) => award?.award.number === grant);
    return (
      found ??
      refused('POLICY', `account ${name} is not linked to grant ${grant}`, {
        advice: `link it with asbb grant link ${grant} ${name}`,
        fields: { account: name, grant },
      })
    );
  }
  const plain = plainBudget(figures);
  const [only, ...others] = granted;
  if (only === undefined || !isRefused(plain)) {
    return plain;
  }
  const numbers = granted.map(({ award }) => award?.award.number).join(', ');
  return others.length === 0
    ? only
    : invalid('grant', `account ${name} draws on several grants`, `give --grant: ${numbers}`);
}

/** By hand, out of the award: `allocate` (reliability.md 1.1). */
function allotPost(
  view: View,
  { budget, award }: BudgetFigures & { readonly award: BudgetAward },
  amount: Money,
): readonly Change[] | Refused {
  const { number, endS } = award.award;
  if (view.nowS > endS) {
    return refused('POLICY', `grant ${number} has ended`, {
      advice: `extend it with asbb grant extend ${number}`,
      fields: { grant: number },
    });
  }
  const obstacle = closedAward(award.award);
  if (obstacle !== undefined || exceeds(amount, award.left)) {
    return obstacle ?? awardTooSmall(award, amount);
  }
  const lines = allotLines(award.award.awardId, budget.budgetId, amount);
  return [moneyPost(view, { kind: 'allocate', cause: 'manual', lines })];
}

/**
 * Puts money into a budget of the account: its own, or one on a grant, whose award gives it. Query:
 * accounts. VALIDATION_ERROR, NOT_FOUND, POLICY (not linked, closed, has ended), INSUFFICIENT_BUDGET
 * (the award has less left).
 */
export function deposit(view: View, ask: Deposit): Decision<AccountAnswer> | Refused {
  const figures = findAccount(view, ask.name);
  if (isRefused(figures)) {
    return figures;
  }
  if (!isPositive(ask.amount)) {
    return invalid(
      'amount',
      '--amount must be more than 0',
      'lower it with account update --budget',
    );
  }
  const found = budgetFor(figures, ask.grant);
  if (isRefused(found)) {
    return found;
  }
  const { award } = found;
  const changes =
    award === undefined
      ? fundPost(view, found.budget.budgetId, ask.amount)
      : allotPost(view, { ...found, award }, ask.amount);
  const limit = plus(accountSums(figures).limit, ask.amount);
  const refusal = isRefused(changes) ? changes : badLimit(limit, ask.bounds);
  return refusal ?? { changes: isRefused(changes) ? [] : changes, answer: { account: ask.name } };
}
