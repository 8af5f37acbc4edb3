import { isRefused, type Refused, refused } from '../errors.ts';
import { dayOf } from '../grant/calendar.ts';
import { isZero, type Money, ZERO } from '../money/money.ts';
import { badTerms, beginSchedule, type ScheduleTerms } from '../schedule/create.ts';
import { cannotLieUnder } from './account-tree.ts';
import {
  type AccountAnswer,
  type Bounds,
  badLimit,
  badName,
  badPeriod,
  badTexts,
  findAccount,
  firstOf,
} from './account-words.ts';
import type { Change, Decision } from './change.ts';
import { type OpenedBudgets, openBudgets } from './create-budgets.ts';
import type { AccountRow, BudgetRow } from './rows.ts';
import type { View } from './view.ts';

export interface CreateAccount {
  /** As SLURM names it, too. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly startS: number;
  readonly endS: number;
  readonly budget: Money;
  readonly bounds: Bounds;
  readonly parentName?: string | undefined;
  /** Further SLURM accounts that draw on it. */
  readonly slurmNames: readonly string[];
  /** A schedule from the account's first day on; then `budget` may be 0. */
  readonly schedule?: ScheduleTerms | undefined;
  /** `site.timezone`: needed with a schedule. */
  readonly zone?: string | undefined;
  /** Grants that it draws on, in order; the budget is allotted by the first. */
  readonly grants?: readonly string[] | undefined;
  /** Who bears F&A of jobs on those grants. */
  readonly basis?: BudgetRow['basis'] | undefined;
  /** Federal part of charges on grants, 0 to 10000; absent: all of it (budget.md 8.3). */
  readonly federalShareE4?: number | undefined;
}

/** DUPLICATE_ACCOUNT when somebody else's account answers to one of the names. */
export function nameTaken(
  view: View,
  names: readonly string[],
  accountId?: number,
): Refused | undefined {
  const taken = view.slurmNames.find(
    (row) => names.includes(row.name) && row.accountId !== accountId,
  );
  return taken === undefined ? undefined : duplicate(taken.name);
}

function duplicate(name: string): Refused {
  return refused('DUPLICATE_ACCOUNT', `Account '${name}' already exists`, {
    advice: `see asbb account show ${name}`,
    fields: { account: name },
  });
}

function malformed(ask: CreateAccount): Refused | undefined {
  return firstOf(
    badName(ask.name, 'slurm_account'),
    ...ask.slurmNames.map((name) => badName(name, 'slurm_accounts')),
    badTexts(ask.title, ask.description),
    badPeriod(ask.startS, ask.endS),
    isZero(ask.budget) && (ask.schedule !== undefined || ask.grants?.[0] !== undefined)
      ? undefined
      : badLimit(ask.budget, ask.bounds),
    ask.schedule && badTerms(ask.schedule, ask.bounds),
  );
}

function parentOf(view: View, ask: CreateAccount): number | undefined | Refused {
  if (ask.parentName === undefined) {
    return;
  }
  const parent = findAccount(view, ask.parentName);
  if (isRefused(parent)) {
    return parent;
  }
  const child = { accountId: undefined, height: 0 };
  return cannotLieUnder(view, parent, child) ?? parent.account.accountId;
}

interface Begun {
  readonly row: AccountRow;
  readonly opened: OpenedBudgets;
}

/** The schedule of a new account with what is due of it. */
function scheduled(view: View, ask: CreateAccount, { row, opened }: Begun): readonly Change[] {
  const { schedule: terms, zone = 'UTC' } = ask;
  if (terms === undefined) {
    return [];
  }
  const account = {
    terms,
    account: row,
    accountEndDay: dayOf(ask.endS, zone),
    budget: { budget: opened.first, free: ask.budget, held: ZERO },
    awardFree: opened.awardFree,
    available: ask.budget,
    startDay: dayOf(ask.startS, zone),
  };
  const at = { firstSeq: view.next.seq + opened.posts, zone, isNew: true };
  return beginSchedule(view, account, at).changes;
}

/**
 * A new account with one budget without a grant, or one on each grant, funded with `budget` and by a
 * schedule whose due dates are posted at once. Query: accounts (its name, the parent's), slurmNames,
 * awards. VALIDATION_ERROR, NOT_FOUND (parent, grant), DUPLICATE_ACCOUNT, POLICY, INSUFFICIENT_BUDGET.
 */
export function createAccount(view: View, ask: CreateAccount): Decision<AccountAnswer> | Refused {
  const names = [...new Set([ask.name, ...ask.slurmNames])];
  const isKnown = view.accounts.some(({ account }) => account.name === ask.name);
  const obstacle =
    malformed(ask) ?? (isKnown ? duplicate(ask.name) : undefined) ?? nameTaken(view, names);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const parentId = parentOf(view, ask);
  if (isRefused(parentId)) {
    return parentId;
  }
  const { grants = [], basis = 'direct' } = ask;
  const opened = openBudgets(view, { grants, basis, amount: ask.budget });
  if (isRefused(opened)) {
    return opened;
  }
  const { accountId } = view.next;
  const row: AccountRow = {
    accountId,
    name: ask.name,
    parentId,
    status: 'active',
    startS: ask.startS,
    endS: ask.endS,
    title: ask.title,
    description: ask.description,
    createdUs: view.nowUs,
    updatedUs: view.nowUs,
    federalShareE4: ask.federalShareE4,
  };
  return {
    changes: [
      { change: 'putAccount', row },
      ...names.map(
        (name): Change => ({ change: 'putSlurmName', row: { name, clusterId: 0, accountId } }),
      ),
      ...opened.changes,
      ...scheduled(view, ask, { row, opened }),
    ],
    answer: { account: ask.name },
  };
}
