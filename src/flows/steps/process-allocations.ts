import { isRefused } from '../../core/errors.ts';
import type { Query } from '../../core/ledger/view.ts';
import type { PostedAllocation, UnpostedAllocation } from '../../core/schedule/posting.ts';
import { type ProcessAnswer, processSchedules } from '../../core/schedule/process.ts';
import type { ScheduleSelector } from '../../core/schedule/view.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Clock, Log } from '../../ports/system.ts';

export interface ProcessPorts {
  readonly ledger: Ledger;
  readonly log: Log;
  /** `site.timezone`. */
  readonly zone: string;
  /** Absent: no pauses between transactions (a hook, which posts those of its account). */
  readonly clock?: Pick<Clock, 'sleep'> | undefined;
}

export interface ProcessAsk {
  readonly verb: string;
  /** Up to this day (YYYYMMDD); absent: today. */
  readonly asOf?: number | undefined;
  /** Only these; absent: every schedule that needs not be named. */
  readonly ids?: readonly number[] | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly isDryRun?: boolean;
}

export interface Processed {
  readonly allocations: readonly PostedAllocation[];
  readonly unposted: readonly UnpostedAllocation[];
}

/** Schedules of one transaction: the write lock is kept some 100 ms, far less than a submit waits. */
const BATCH = 350;
const POSTS_MAX = 700;
/** Between them: who polls for the lock, a submit above all, must find it free now and then. */
const PAUSE_MS = 10;

function selectorOf({ ids, accounts }: ProcessAsk, dueBy: number): ScheduleSelector {
  return { ids, accounts, dueBy, auto: ids === undefined ? true : undefined };
}

async function dryRun(
  ask: ProcessAsk,
  ports: ProcessPorts,
  selector: ScheduleSelector,
): Promise<Processed> {
  const view = await ports.ledger.read({ schedules: selector });
  const limits = { zone: ports.zone, today: ask.asOf ?? view.today };
  const { answer } = processSchedules(view, { ...limits, postsMax: Number.MAX_SAFE_INTEGER });
  return answer;
}

interface Batch {
  readonly answer: ProcessAnswer;
  readonly lastId: number;
  readonly isLast: boolean;
}

/** The next batch; undefined: nothing is due any more. */
async function batch(
  ask: ProcessAsk,
  ports: ProcessPorts,
  selector: ScheduleSelector,
): Promise<Batch | undefined> {
  const query: Query = { schedules: { ...selector, limit: BATCH } };
  const request = {
    scope: 'site',
    verb: ask.verb,
    args: { as_of: selector.dueBy ?? 0, ids: ask.ids ?? null, accounts: ask.accounts ?? null },
  };
  let lastId: number | undefined;
  let isFull = false;
  const answered = await ports.ledger.decide(request, query, (view) => {
    lastId = view.schedules?.at(-1)?.row.scheduleId;
    isFull = view.schedules?.length === BATCH;
    const today = ask.asOf ?? view.today;
    return processSchedules(view, { zone: ports.zone, today, postsMax: POSTS_MAX });
  });
  return lastId === undefined || isRefused(answered)
    ? undefined
    : { answer: answered.answer, lastId, isLast: !(isFull || answered.answer.isCut) };
}

/**
 * Posts what is due (budget.md 4.5), a few hundred due dates a transaction, so that submits get in
 * between. Looks without the write lock first: mostly nothing is due. Repeated, it finds nothing.
 */
export async function processAllocations(ask: ProcessAsk, ports: ProcessPorts): Promise<Processed> {
  const { today, schedules = [] } = await ports.ledger.read({
    schedules: { ...selectorOf(ask, ask.asOf ?? 99_991_231), limit: 1 },
  });
  const selector = selectorOf(ask, ask.asOf ?? today);
  if (schedules.length === 0) {
    return { allocations: [], unposted: [] };
  }
  if (ask.isDryRun === true) {
    return await dryRun(ask, ports, selector);
  }
  const allocations: PostedAllocation[] = [];
  const unposted: UnpostedAllocation[] = [];
  let afterId = 0;
  for (;;) {
    const done = await batch(ask, ports, { ...selector, afterId });
    if (done === undefined) {
      break;
    }
    allocations.push(...done.answer.allocations);
    unposted.push(...done.answer.unposted);
    // A full transaction left dates of schedules that this batch had: the same ones again.
    afterId = done.answer.isCut && done.answer.allocations.length > 0 ? afterId : done.lastId;
    if (done.isLast) {
      break;
    }
    await ports.clock?.sleep(PAUSE_MS);
  }
  tell(allocations, unposted, ports.log);
  return { allocations, unposted };
}

function tell(
  allocations: readonly PostedAllocation[],
  unposted: readonly UnpostedAllocation[],
  log: Log,
): void {
  if (allocations.length > 0) {
    log.write('info', 'allocations_posted', { count: allocations.length });
  }
  for (const { schedule_id, account, day, amount, award_has } of unposted) {
    log.write('warn', 'allocation_unposted', {
      ...{ schedule: schedule_id, account, day, amount, award_has },
    });
  }
}
