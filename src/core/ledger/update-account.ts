import { isRefused, type Refused, refused } from '../errors.ts';
import { exceeds, isNegative, type Money, minus, plus, ZERO } from '../money/money.ts';
import { cannotLieUnder, tooMuchFor } from './account-tree.ts';
import {
  type AccountAnswer,
  type Bounds,
  badLimit,
  badName,
  badPeriod,
  badTexts,
  belowCommitted,
  findAccount,
  firstOf,
  plainBudget,
} from './account-words.ts';
import type { Change, Decision } from './change.ts';
import { nameTaken } from './create-account.ts';
import { fundPost } from './fund.ts';
import type { AccountRow, AccountStatus } from './rows.ts';
import { accountSums } from './sums.ts';
import type { AccountFigures, View } from './view.ts';

/** What is absent stays as it is. */
export interface UpdateAccount {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Federal part of charges on grants, 0 to 10000 (budget.md 8.3): of charges from now on. */
  readonly federalShareE4?: number | undefined;
  readonly startS?: number | undefined;
  readonly endS?: number | undefined;
  readonly status?: 'active' | 'inactive' | 'suspended' | undefined;
  /** The account's new limit: the budget without a grant takes the difference. */
  readonly budget?: Money | undefined;
  readonly bounds: Bounds;
  /** '' makes it a root. */
  readonly parentName?: string | undefined;
  /** All further SLURM accounts that draw on it; its own name stays. */
  readonly slurmNames?: readonly string[] | undefined;
  /** A limit below what is used and held; a parent that has less left than moves in. */
  readonly force: boolean;
}

function statusOf(account: AccountRow, ask: UpdateAccount, nowS: number): AccountStatus {
  if (ask.status !== undefined) {
    return ask.status;
  }
  // An account whose end was moved into the future lives again.
  return account.status === 'expired' && (ask.endS ?? account.endS) >= nowS
    ? 'active'
    : account.status;
}

/** `account delete --force` is for good: its budgets are closed and its names are others' to take. */
function closedForGood({ account, budgets, slurmNames }: AccountFigures): Refused | undefined {
  const isClosed = slurmNames.length === 0 && budgets.every(({ budget }) => budget.closed);
  return isClosed
    ? refused('ACCOUNT_INACTIVE', `account ${account.name} was deleted with --force`, {
        advice: 'create another one with asbb account create',
        fields: { account: account.name },
      })
    : undefined;
}

function newParent(
  view: View,
  figures: AccountFigures,
  ask: UpdateAccount,
): number | undefined | Refused {
  if (ask.parentName === undefined) {
    return figures.account.parentId;
  }
  if (ask.parentName === '') {
    return;
  }
  const parent = findAccount(view, ask.parentName);
  if (isRefused(parent)) {
    return parent;
  }
  const { accountId } = figures.account;
  const obstacle =
    cannotLieUnder(view, parent, { accountId, height: figures.height }) ??
    (ask.force ? undefined : tooMuchFor(view, parent, figures));
  return obstacle ?? parent.account.accountId;
}

function newLimit(
  view: View,
  figures: AccountFigures,
  ask: UpdateAccount,
): readonly Change[] | Refused {
  if (ask.budget === undefined) {
    return [];
  }
  const plain = plainBudget(figures);
  if (isRefused(plain)) {
    return plain;
  }
  const bad = badLimit(ask.budget, ask.bounds);
  if (bad !== undefined) {
    return bad;
  }
  const { limit, used, held, available } = accountSums(figures);
  const change = minus(ask.budget, limit);
  const isCut = isNegative(change);
  const isBelow = isNegative(plus(available, change)) || isNegative(plus(plain.free, change));
  if (isCut && isBelow && !ask.force) {
    return belowCommitted(`account ${ask.name}`, plus(used, held), ask.budget);
  }
  const isOverdrawn = isCut && exceeds(ZERO, plus(plain.free, change));
  return fundPost(view, plain.budget.budgetId, change, isOverdrawn ? 2 : 0);
}

function newNames(
  view: View,
  figures: AccountFigures,
  ask: UpdateAccount,
): readonly Change[] | Refused {
  if (ask.slurmNames === undefined) {
    return [];
  }
  const { accountId } = figures.account;
  const wanted = new Set([ask.name, ...ask.slurmNames]);
  const obstacle =
    firstOf(...ask.slurmNames.map((name) => badName(name, 'slurm_accounts'))) ??
    nameTaken(view, [...wanted], accountId);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const known = new Set(figures.slurmNames.map(({ name }) => name));
  const gone = figures.slurmNames.filter(({ name }) => !wanted.has(name));
  return [
    ...gone.map(({ name, clusterId }): Change => ({ change: 'removeSlurmName', name, clusterId })),
    ...[...wanted]
      .filter((name) => !known.has(name))
      .map((name): Change => ({ change: 'putSlurmName', row: { name, clusterId: 0, accountId } })),
  ];
}

function whatIsAsked(account: AccountRow, ask: UpdateAccount): Partial<AccountRow> {
  return {
    title: ask.title ?? account.title,
    description: ask.description ?? account.description,
    startS: ask.startS ?? account.startS,
    endS: ask.endS ?? account.endS,
    federalShareE4: ask.federalShareE4 ?? account.federalShareE4,
  };
}

function isSameRow(a: AccountRow, b: AccountRow): boolean {
  return (
    a.title === b.title &&
    a.description === b.description &&
    a.startS === b.startS &&
    a.endS === b.endS &&
    a.status === b.status &&
    a.federalShareE4 === b.federalShareE4 &&
    a.parentId === b.parentId
  );
}

/**
 * Changes an account. Query: accounts (its name, the new parent's) and slurmNames. VALIDATION_ERROR,
 * NOT_FOUND, DUPLICATE_ACCOUNT, IN_USE (a limit below used + held, a parent without room) unless forced.
 */
export function updateAccount(view: View, ask: UpdateAccount): Decision<AccountAnswer> | Refused {
  const figures = findAccount(view, ask.name);
  if (isRefused(figures)) {
    return figures;
  }
  const { account } = figures;
  const changed = {
    ...account,
    ...whatIsAsked(account, ask),
    status: statusOf(account, ask, view.nowS),
    updatedUs: view.nowUs,
  };
  const obstacle =
    (ask.status === 'active' ? closedForGood(figures) : undefined) ??
    badTexts(changed.title, changed.description) ??
    badPeriod(changed.startS, changed.endS);
  const parentId = obstacle ?? newParent(view, figures, ask);
  if (isRefused(parentId)) {
    return parentId;
  }
  const names = newNames(view, figures, ask);
  if (isRefused(names)) {
    return names;
  }
  const funds = newLimit(view, figures, ask);
  if (isRefused(funds)) {
    return funds;
  }
  const row = { ...changed, parentId };
  const changes = [...names, ...funds];
  const isSame = isSameRow(account, row) && changes.length === 0;
  return {
    changes: isSame ? [] : [{ change: 'putAccount', row }, ...changes],
    answer: { account: ask.name },
  };
}
