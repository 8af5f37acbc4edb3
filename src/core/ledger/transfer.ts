import { isRefused, type Refused, refused } from '../errors.ts';
import {
  exceeds,
  isPositive,
  type Money,
  negate,
  plus,
  toDollarsDown,
  toDollarsUp,
  toMicrosText,
} from '../money/money.ts';
import {
  type AccountAnswer,
  type Bounds,
  badLimit,
  findAccount,
  invalid,
} from './account-words.ts';
import type { Decision } from './change.ts';
import { accountSums } from './sums.ts';
import type { AccountFigures, BudgetFigures, View } from './view.ts';

export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: Money;
  readonly bounds: Bounds;
}

interface Pair {
  readonly giver: BudgetFigures;
  readonly taker: BudgetFigures;
}

/** Open budgets of the same source: both plain first, then both on one grant, in the giver's order. */
function pairs(from: AccountFigures, to: AccountFigures): readonly Pair[] {
  const open = [from, to].map(({ budgets }) => budgets.filter(({ budget }) => !budget.closed));
  const [givers = [], takers = []] = open;
  return givers
    .flatMap((giver) => {
      const taker = takers.find(({ budget }) => budget.awardId === giver.budget.awardId);
      return taker === undefined ? [] : [{ giver, taker }];
    })
    .toSorted((a, b) => Number(isOnGrant(a)) - Number(isOnGrant(b)));
}

function isOnGrant({ giver }: Pair): boolean {
  return giver.budget.awardId !== undefined;
}

function short(from: AccountFigures, amount: Money): Refused {
  const { available } = accountSums(from);
  return refused(
    'INSUFFICIENT_BUDGET',
    `account ${from.account.name} has ${toDollarsDown(available)} free, the transfer needs ${toDollarsUp(amount)}`,
    {
      advice: 'transfer less; money that is held or spent cannot be moved',
      fields: { required: toMicrosText(amount), available: toMicrosText(available) },
    },
  );
}

/**
 * Moves limit that is still free from one account to another: both plain, or both on one grant. Query:
 * accounts. VALIDATION_ERROR, NOT_FOUND, POLICY (no common source), INSUFFICIENT_BUDGET.
 */
export function transfer(view: View, ask: Transfer): Decision<AccountAnswer> | Refused {
  const from = findAccount(view, ask.from);
  if (isRefused(from)) {
    return from;
  }
  const to = findAccount(view, ask.to);
  if (isRefused(to)) {
    return to;
  }
  if (!isPositive(ask.amount) || ask.from === ask.to) {
    return ask.from === ask.to
      ? invalid('to', 'an account cannot transfer to itself')
      : invalid('amount', '--amount must be more than 0');
  }
  const possible = pairs(from, to);
  if (possible.length === 0) {
    return refused('POLICY', `accounts ${ask.from} and ${ask.to} draw on different money`, {
      advice: 'both must have a plain budget, or one on the same grant',
      fields: { from: ask.from, to: ask.to },
    });
  }
  const rich = possible.find(({ giver }) => !exceeds(ask.amount, giver.free));
  if (rich === undefined || exceeds(ask.amount, accountSums(from).available)) {
    return short(from, ask.amount);
  }
  const lines = [
    { kind: 'free', ownerId: rich.giver.budget.budgetId, amount: negate(ask.amount) },
    { kind: 'free', ownerId: rich.taker.budget.budgetId, amount: ask.amount },
  ] as const;
  const txn = { kind: 'transfer', effectiveS: view.nowS, day: view.today, lines } as const;
  return (
    badLimit(plus(accountSums(to).limit, ask.amount), ask.bounds) ?? {
      changes: [{ change: 'post', txn }],
      answer: { account: ask.from },
    }
  );
}
