import type { JsonObject } from '../json.ts';
import type { Change, Decision } from '../ledger/change.ts';
import { effectiveStatus } from '../ledger/usable.ts';
import type { View } from '../ledger/view.ts';
import {
  exceeds,
  isPositive,
  isZero,
  type Money,
  minus,
  plus,
  sum,
  toDecimal,
  ZERO,
} from '../money/money.ts';
import { amountDue, currentDay, lastDayOf, remainingOf, settled } from './dates.ts';
import {
  firstSecondOf,
  movedOf,
  newPosting,
  type PostedAllocation,
  type Posting,
  postAllocation,
  postLapse,
  type UnpostedAllocation,
} from './posting.ts';
import type { ScheduleRow } from './rows.ts';
import type { ScheduleFigures, ScheduleRun } from './view.ts';

export interface ProcessAnswer extends JsonObject {
  readonly allocations: readonly PostedAllocation[];
  readonly unposted: readonly UnpostedAllocation[];
  /** True: the transaction was full, ask again. */
  readonly isCut: boolean;
}

export interface ProcessSchedules {
  /** `site.timezone`. */
  readonly zone: string;
  /** The day (YYYYMMDD) up to which due dates are posted. */
  readonly today: number;
  /** Transactions that one decision may post. */
  readonly postsMax: number;
  /** A new account gets what is due even when its end is past (budget.md 2.2). */
  readonly isNew?: boolean;
}

/** May it be posted now? The account must live, and its budget must be open. */
function isOpen({ row, account, budget }: ScheduleFigures, nowS: number, isNew: boolean): boolean {
  const isAlive = isNew || effectiveStatus(account, nowS) === 'active';
  return row.status === 'active' && isAlive && !budget.closed;
}

/** What is left of the last allocation and is lost with the next (budget.md 4.5, `lapse`). */
function lapsing(figures: ScheduleFigures, last: ScheduleRun | undefined, posting: Posting): Money {
  if (figures.row.unspent !== 'lapse' || last === undefined) {
    return ZERO;
  }
  const spent = sum(figures.spent.filter(({ day }) => day >= last.day).map(({ amount }) => amount));
  const { budget, account } = figures;
  const limits = [
    plus(figures.available, movedOf(posting, `account ${account.accountId}`)),
    plus(figures.free, movedOf(posting, `free ${budget.budgetId}`)),
    minus(minus(last.amount, spent), figures.held),
  ];
  const least = limits.reduce((a, b) => (exceeds(a, b) ? b : a));
  return isPositive(least) ? least : ZERO;
}

interface Progress {
  readonly row: ScheduleRow;
  readonly remaining: Money;
  readonly last: ScheduleRun | undefined;
  /** Why it stopped before today. */
  readonly stop?: 'short' | 'cut' | undefined;
}

function awardHas({ awardFree, budget }: ScheduleFigures, posting: Posting): Money | undefined {
  return awardFree === undefined
    ? undefined
    : plus(awardFree, movedOf(posting, `award ${budget.awardId ?? 0}`));
}

/** One due date: lapse and allocation together, or nothing when the award is too small. */
function postDate(
  figures: ScheduleFigures,
  before: Progress,
  day: number,
  { posting, zone }: { readonly posting: Posting; readonly zone: string },
): Progress {
  const { row, remaining, last } = before;
  const next = { ...row, anchorIndex: row.anchorIndex + 1 };
  if (figures.runDays.includes(day)) {
    return { ...before, row: next };
  }
  const amount = amountDue(row, remaining);
  const lapse = lapsing(figures, last, posting);
  const award = awardHas(figures, posting);
  if (award !== undefined && exceeds(amount, plus(award, lapse))) {
    posting.unposted.push({
      schedule_id: row.scheduleId,
      account: figures.account.name,
      day,
      amount: toDecimal(amount),
      award_has: toDecimal(award),
    });
    return { ...before, stop: 'short' };
  }
  const { scheduleId } = row;
  const due = {
    scheduleId,
    budget: figures.budget,
    day,
    effectiveS: firstSecondOf(posting, day, zone),
  };
  if (isPositive(lapse)) {
    postLapse(posting, figures, { ...due, amount: lapse });
  }
  postAllocation(posting, figures, { ...due, amount });
  return { row: next, remaining: minus(remaining, amount), last: { day, amount } };
}

const SHORT = 'alloc_short:';

/** Told once: `alerts` and `allocations list` read it until the due date is posted. */
function noteOf({ row, shortNote }: ScheduleFigures, posting: Posting): readonly Change[] {
  const short = posting.unposted.find(({ schedule_id: id }) => id === row.scheduleId);
  const value = short === undefined ? '' : `${short.day} ${short.amount}`;
  return value === shortNote
    ? []
    : [{ change: 'putNote', name: `${SHORT}${row.scheduleId}`, value }];
}

function isSame(a: ScheduleRow, b: ScheduleRow): boolean {
  return a.anchorIndex === b.anchorIndex && a.status === b.status && a.nextDay === b.nextDay;
}

/** All due dates of one schedule, in order. False: the decision is full. */
function postDue(
  figures: ScheduleFigures,
  ask: ProcessSchedules,
  state: { readonly posting: Posting; readonly nowUs: number },
): boolean {
  const { posting } = state;
  const lastDay = lastDayOf(figures);
  let now: Progress = {
    row: figures.row,
    remaining: remainingOf(figures),
    last: figures.lastRun,
  };
  while (now.stop === undefined && !isZero(now.remaining)) {
    const day = currentDay(now.row);
    if (day > ask.today || day > lastDay) {
      break;
    }
    now =
      posting.posts + 2 > ask.postsMax
        ? { ...now, stop: 'cut' }
        : postDate(figures, now, day, { posting, zone: ask.zone });
  }
  const row = settled(now.row, now.remaining, lastDay);
  if (!isSame(row, figures.row)) {
    posting.changes.push({ change: 'putSchedule', row: { ...row, updatedUs: state.nowUs } });
  }
  posting.changes.push(...noteOf(figures, posting));
  return now.stop !== 'cut';
}

/** Posts what is due of these schedules into `posting`; true when the decision is full. */
export function postAllDue(
  schedules: readonly ScheduleFigures[],
  ask: ProcessSchedules,
  state: { readonly posting: Posting; readonly nowUs: number; readonly nowS: number },
): boolean {
  const open = schedules.filter((each) => isOpen(each, state.nowS, ask.isNew === true));
  return !open.every((figures) => postDue(figures, ask, state));
}

/**
 * Posts every due date up to `today` of the schedules in the view (budget.md 4.5): all missed dates, the
 * last amount what remains, lapses before. An award too small leaves the date for the next run. Never
 * refuses; a second run changes nothing. Query: schedules.
 */
export function processSchedules(view: View, ask: ProcessSchedules): Decision<ProcessAnswer> {
  const posting = newPosting(view.next.seq);
  const { nowUs, nowS } = view;
  const isCut = postAllDue(view.schedules ?? [], ask, { posting, nowUs, nowS });
  const { changes, allocations, unposted } = posting;
  return { changes, answer: { allocations, unposted, isCut } };
}
