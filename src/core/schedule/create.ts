import { isRefused, type Refused, refused } from '../errors.ts';
import { dayOf } from '../grant/calendar.ts';
import { type Bounds, findAccount, firstOf, invalid } from '../ledger/account-words.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { AccountRow } from '../ledger/rows.ts';
import { accountSums } from '../ledger/sums.ts';
import { effectiveStatus } from '../ledger/usable.ts';
import type { AccountFigures, BudgetFigures, View } from '../ledger/view.ts';
import { type Money, ZERO } from '../money/money.ts';
import { newPosting } from './posting.ts';
import { postAllDue } from './process.ts';
import type { Frequency, ScheduleRow, UnspentRule } from './rows.ts';
import type { ScheduleFigures } from './view.ts';
import { badAmount, badEnd, badTotal, type ScheduleAnswer } from './words.ts';

/** What a person asks of a schedule, wherever it is created. */
export interface ScheduleTerms {
  readonly total: Money;
  readonly amount: Money;
  readonly frequency: Frequency;
  readonly unspent: UnspentRule;
  readonly auto: boolean;
}

export interface NewSchedule {
  readonly terms: ScheduleTerms;
  readonly account: AccountRow;
  readonly accountEndDay: number;
  /** Of the budget that it fills; money as it is before the schedule's first allocation. */
  readonly budget: Pick<BudgetFigures, 'budget' | 'free' | 'held'>;
  /** Balance of the budget's award. */
  readonly awardFree?: Money | undefined;
  /** The account's, with what lies below it. */
  readonly available: Money;
  readonly startDay: number;
  readonly endDay?: number | undefined;
}

/** A schedule that was never run. */
function newFigures(view: View, ask: NewSchedule): ScheduleFigures {
  const { terms, account, accountEndDay, budget, available, awardFree } = ask;
  const row: ScheduleRow = {
    scheduleId: view.next.scheduleId,
    budgetId: budget.budget.budgetId,
    ...terms,
    status: 'active',
    startDay: ask.startDay,
    endDay: ask.endDay,
    anchorDay: ask.startDay,
    anchorIndex: 0,
    nextDay: ask.startDay,
    createdUs: view.nowUs,
    updatedUs: view.nowUs,
  };
  return {
    row,
    account,
    accountEndDay,
    budget: budget.budget,
    free: budget.free,
    held: budget.held,
    available,
    awardFree,
    allocated: ZERO,
    runDays: [],
    spent: [],
    shortNote: '',
  };
}

/** Posts of one decision that a person waits for: ten years of days. */
const POSTS_MAX = 4000;

export interface BegunSchedule {
  /** The schedule and what was due of it. */
  readonly changes: readonly Change[];
  readonly scheduleId: number;
}

/**
 * A schedule with its due allocations, in one transaction. `firstSeq`: of its first post. What is due
 * up to today is posted; an award too small leaves it to the next run.
 */
export function beginSchedule(
  view: View,
  ask: NewSchedule,
  at: { readonly firstSeq: number; readonly zone: string; readonly isNew: boolean },
): BegunSchedule {
  const figures = newFigures(view, ask);
  const { scheduleId } = figures.row;
  const posting = newPosting(at.firstSeq);
  const due = ask.terms.auto ? [figures] : [];
  const limits = { zone: at.zone, today: view.today, postsMax: POSTS_MAX, isNew: at.isNew };
  postAllDue(due, limits, { posting, nowUs: view.nowUs, nowS: view.nowS });
  return {
    changes: [{ change: 'putSchedule', row: figures.row }, ...posting.changes],
    scheduleId,
  };
}

export interface CreateSchedule {
  readonly accountName: string;
  /** Number of the grant whose money it gives; absent: the first budget in the order of draw. */
  readonly grant?: string | undefined;
  readonly terms: ScheduleTerms;
  /** YYYYMMDD; absent: today, or the account's first day when that lies ahead. */
  readonly startDay?: number | undefined;
  readonly endDay?: number | undefined;
  readonly bounds: Bounds;
  readonly zone: string;
}

/** What is wrong with the terms of a schedule. */
export function badTerms(terms: ScheduleTerms, bounds: Bounds): Refused | undefined {
  return badTotal(terms.total, bounds) ?? badAmount(terms.amount, terms.total);
}

/** The budget that a schedule fills: the first in the order of draw that is open. */
function filled(figures: AccountFigures, grant: string | undefined): BudgetFigures | Refused {
  const { name } = figures.account;
  const open = figures.budgets.filter(({ budget }) => !budget.closed);
  if (grant !== undefined) {
    return (
      open.find(({ award }) => award?.award.number === grant) ??
      refused('NOT_FOUND', `account ${name} has no budget on grant ${grant}`, {
        advice: `link it with asbb grant link ${grant} ${name}`,
        fields: { account: name, grant },
      })
    );
  }
  return (
    open[0] ??
    refused('ACCOUNT_INACTIVE', `account ${name} has no open budget`, {
      advice: 'link a grant, or create another account',
      fields: { account: name },
    })
  );
}

function badAccount({ account }: AccountFigures, nowS: number): Refused | undefined {
  const status = effectiveStatus(account, nowS);
  if (status === 'active') {
    return;
  }
  const code = status === 'expired' ? 'ACCOUNT_EXPIRED' : 'ACCOUNT_INACTIVE';
  return refused(code, `Account '${account.name}' is ${status}`, {
    advice: 'see asbb account update --status and --end',
    fields: { account: account.name, status },
  });
}

function badStart(startDay: number, account: AccountRow, zone: string): Refused | undefined {
  const [first, last] = [dayOf(account.startS, zone), dayOf(account.endS, zone)];
  return startDay < first || startDay > last
    ? invalid(
        'start_date',
        `the schedule would start outside the account's period`,
        'choose --start',
      )
    : undefined;
}

/**
 * `allocations create`. Query: accounts. VALIDATION_ERROR, NOT_FOUND, ACCOUNT_INACTIVE, ACCOUNT_EXPIRED.
 */
export function createSchedule(
  view: View,
  ask: CreateSchedule,
): Decision<ScheduleAnswer> | Refused {
  const figures = findAccount(view, ask.accountName);
  if (isRefused(figures)) {
    return figures;
  }
  const { account } = figures;
  const accountEndDay = dayOf(account.endS, ask.zone);
  const startDay = ask.startDay ?? Math.max(view.today, dayOf(account.startS, ask.zone));
  const obstacle = firstOf(
    badTerms(ask.terms, ask.bounds),
    badAccount(figures, view.nowS),
    badStart(startDay, account, ask.zone),
    badEnd(ask.endDay, startDay, accountEndDay),
  );
  const budget = obstacle ?? filled(figures, ask.grant);
  if (isRefused(budget)) {
    return budget;
  }
  const { scheduleId, changes } = beginSchedule(
    view,
    {
      terms: ask.terms,
      account,
      accountEndDay,
      budget,
      awardFree: budget.award?.left,
      available: accountSums(figures).available,
      startDay,
      endDay: ask.endDay,
    },
    { firstSeq: view.next.seq, zone: ask.zone, isNew: false },
  );
  return { changes, answer: { schedule_id: scheduleId } };
}
