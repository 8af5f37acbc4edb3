import { startOfDay } from '../grant/calendar.ts';
import type { JsonObject } from '../json.ts';
import type { Change } from '../ledger/change.ts';
import { type Money, negate, plus, toDecimal, ZERO } from '../money/money.ts';
import { allocatePost, type DuePost, lapsePost } from './postings.ts';
import type { ScheduleFigures } from './view.ts';

/** One due date that was posted; money as decimal text in dollars. */
export interface PostedAllocation extends JsonObject {
  readonly schedule_id: number;
  readonly account_id: number;
  readonly account: string;
  readonly day: number;
  readonly amount: string;
}

/** A due date that the award could not pay. */
export interface UnpostedAllocation extends JsonObject {
  readonly schedule_id: number;
  readonly account: string;
  readonly day: number;
  readonly amount: string;
  readonly award_has: string;
}

/** What one decision has done so far: its schedules may share an account, a budget or an award. */
export interface Posting {
  readonly changes: Change[];
  readonly allocations: PostedAllocation[];
  readonly unposted: UnpostedAllocation[];
  /** What the posts did to balances. */
  readonly moved: Map<string, Money>;
  /** First seconds of due dates: thousands of schedules share a few. */
  readonly firstSeconds: Map<number, number>;
  nextSeq: number;
  posts: number;
}

export function newPosting(firstSeq: number): Posting {
  return {
    changes: [],
    allocations: [],
    unposted: [],
    moved: new Map(),
    firstSeconds: new Map(),
    nextSeq: firstSeq,
    posts: 0,
  };
}

export function firstSecondOf(posting: Posting, day: number, zone: string): number {
  const known = posting.firstSeconds.get(day) ?? startOfDay(day, zone);
  posting.firstSeconds.set(day, known);
  return known;
}

export function movedOf({ moved }: Posting, name: string): Money {
  return moved.get(name) ?? ZERO;
}

function post(posting: Posting, change: Change, figures: ScheduleFigures, amount: Money): number {
  const { budget, account } = figures;
  posting.changes.push(change);
  for (const [name, by] of [
    [`free ${budget.budgetId}`, amount],
    [`account ${account.accountId}`, amount],
    [`award ${budget.awardId ?? 0}`, negate(amount)],
  ] as const) {
    posting.moved.set(name, plus(movedOf(posting, name), by));
  }
  posting.posts += 1;
  posting.nextSeq += 1;
  return posting.nextSeq - 1;
}

export function postLapse(posting: Posting, figures: ScheduleFigures, due: DuePost): void {
  post(posting, lapsePost(due), figures, negate(due.amount));
}

export function postAllocation(posting: Posting, figures: ScheduleFigures, due: DuePost): void {
  const { scheduleId, day, amount } = due;
  const txnSeq = post(posting, allocatePost(due), figures, amount);
  posting.changes.push({ change: 'insertScheduleRun', row: { scheduleId, dueDay: day, txnSeq } });
  posting.allocations.push({
    schedule_id: scheduleId,
    account_id: figures.account.accountId,
    account: figures.account.name,
    day,
    amount: toDecimal(amount),
  });
}
