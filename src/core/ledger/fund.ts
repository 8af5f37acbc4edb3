import { isRefused, type Refused } from '../errors.ts';
import { isPositive, isZero, type Money, plus } from '../money/money.ts';
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
import type { View } from './view.ts';

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
  readonly bounds: Bounds;
}

/** Puts money into the account's budget without a grant. Query: accounts. VALIDATION_ERROR, NOT_FOUND. */
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
  const budget = plainBudget(figures);
  if (isRefused(budget)) {
    return budget;
  }
  const limit = plus(accountSums(figures).limit, ask.amount);
  return (
    badLimit(limit, ask.bounds) ?? {
      changes: fundPost(view, budget.budget.budgetId, ask.amount),
      answer: { account: ask.name },
    }
  );
}
