import { isRefused, type Refused } from '../core/errors.ts';
import { dayOf, dayText, parseDay, parseStart } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { effectiveStatus } from '../core/ledger/usable.ts';
import { type Money, parseAmount, toMicrosText, ZERO } from '../core/money/money.ts';
import { allocateByHand } from '../core/schedule/manual.ts';
import { allocationKey } from '../core/schedule/postings.ts';
import type { ScheduleFigures } from '../core/schedule/view.ts';
import { findSchedule } from '../core/schedule/words.ts';
import type { Clock, Log } from '../ports/system.ts';
import { type AccountPorts, amountOf, unknownAccount } from './steps/ask-account.ts';
import { idOf } from './steps/ask-schedule.ts';
import { type Processed, processAllocations } from './steps/process-allocations.ts';

export interface ProcessPorts extends AccountPorts {
  readonly log: Log;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** As a person writes it. */
export interface ProcessQuery {
  readonly account?: string | undefined;
  readonly schedule?: string | undefined;
  /** Day or instant; absent: today. */
  readonly asOf?: string | undefined;
  /** An allocation by hand, of the schedule that is named. */
  readonly amount?: string | undefined;
  readonly reason?: string | undefined;
  readonly dryRun: boolean;
}

export interface AllocatedRow {
  readonly scheduleId: number;
  readonly accountId: number;
  readonly day: number;
  readonly amount: Money;
}

export interface UnpostedRow {
  readonly scheduleId: number;
  readonly account: string;
  readonly day: number;
  readonly amount: Money;
}

export interface ProcessDone {
  readonly posted: readonly AllocatedRow[];
  /** Due dates that an award cannot pay. */
  readonly unposted: readonly UnpostedRow[];
  readonly isDryRun: boolean;
  /** What a person would wonder about: sentences. */
  readonly notes: readonly string[];
}

/** Answers are kept as text in dollars. */
function moneyOf(text: string): Money {
  return parseAmount(text) ?? ZERO;
}

function shown({ allocations, unposted }: Processed, isDryRun: boolean): ProcessDone {
  return {
    posted: allocations.map(({ schedule_id, account_id, day, amount }) => ({
      ...{ scheduleId: schedule_id, accountId: account_id, day, amount: moneyOf(amount) },
    })),
    unposted: unposted.map(({ schedule_id, account, day, amount }) => ({
      ...{ scheduleId: schedule_id, account, day, amount: moneyOf(amount) },
    })),
    isDryRun,
    notes: [],
  };
}

function asOfDay(text: string | undefined, zone: string): number | undefined | Refused {
  if (text === undefined) {
    return;
  }
  const instant = parseStart(text, zone);
  return (
    parseDay(text) ??
    (instant === undefined
      ? invalid('as_of', `--as-of ${text.slice(0, 40)}: not a date`, 'use YYYY-MM-DD')
      : dayOf(instant, zone))
  );
}

/** What would be posted some day can be looked at; money comes on its day, and by hand today. */
async function badAsOf(
  { amount, dryRun }: ProcessQuery,
  asOf: number | undefined,
  { ledger }: ProcessPorts,
): Promise<Refused | undefined> {
  if (asOf === undefined) {
    return;
  }
  if (amount !== undefined) {
    return invalid('as_of', 'an allocation by hand is of today', 'leave --as-of out');
  }
  const { today } = await ledger.read({});
  return asOf > today && !dryRun
    ? invalid(
        'as_of',
        `${dayText(asOf)} lies in the future: nothing is allocated before its day`,
        'add --dry-run to see what will be',
      )
    : undefined;
}

/** By hand: a second time the same day it is the first answer, or refused (`alloc:<schedule>:<day>`). */
async function byHand(
  id: number,
  asked: ProcessQuery & { readonly amount: string },
  ports: ProcessPorts,
): Promise<ProcessDone | Refused> {
  const { reason = '', dryRun } = asked;
  const amount = amountOf(asked.amount, 'amount');
  if (isRefused(amount)) {
    return amount;
  }
  if (reason.trim() === '') {
    return invalid('reason', '--reason is required with --amount', 'why it is given by hand');
  }
  const query = { schedules: { ids: [id] } };
  const ask = { scheduleId: id, amount };
  if (dryRun) {
    const chosen = allocateByHand(await ports.ledger.read(query), ask);
    return isRefused(chosen) ? chosen : shown(chosen.answer, true);
  }
  const { today } = await ports.ledger.read({});
  const answered = await ports.ledger.decide(
    {
      scope: 'site',
      key: allocationKey(id, today),
      verb: 'allocations process',
      args: { schedule: id, amount: toMicrosText(amount), reason },
      audited: true,
    },
    query,
    (view) => allocateByHand(view, ask),
  );
  return isRefused(answered) ? duplicate(answered, id) : shown(answered.answer, false);
}

/** Another allocation has the key of that day. */
function duplicate(answer: Refused, id: number): Refused {
  return answer.code === 'KEY_REUSED'
    ? {
        ...answer,
        code: 'DUPLICATE',
        text: `schedule ${id} has its allocation of today already`,
        advice: 'one allocation a day: repeat tomorrow, or use asbb account deposit',
      }
    : answer;
}

/** Why a schedule that was named gave nothing. */
function silence({ row, account }: ScheduleFigures, nowS: number): readonly string[] {
  const name = `schedule ${row.scheduleId}`;
  if (row.status === 'paused') {
    return [`${name} is paused: asbb allocations resume ${row.scheduleId}`];
  }
  const status = effectiveStatus(account, nowS);
  if (row.status === 'active' && status !== 'active') {
    return [`account ${account.name} is ${status}: nothing is allocated to it`];
  }
  return [row.status === 'active' ? `${name} has nothing due` : `${name} is ${row.status}`];
}

async function notesOf(
  { posted, unposted }: ProcessDone,
  id: number | undefined,
  { ledger }: ProcessPorts,
): Promise<readonly string[]> {
  if (id === undefined || posted.length + unposted.length > 0) {
    return [];
  }
  const { nowS, schedules = [] } = await ledger.read({ schedules: { ids: [id] } });
  return schedules.flatMap((figures) => silence(figures, nowS));
}

async function missing(
  { account }: ProcessQuery,
  id: number | undefined,
  ports: ProcessPorts,
): Promise<Refused | undefined> {
  if (account !== undefined && !(await ports.reports.accountNames()).includes(account)) {
    return await unknownAccount(account, ports.reports);
  }
  if (id === undefined) {
    return;
  }
  const found = findSchedule(await ports.ledger.read({ schedules: { ids: [id] } }), id);
  return isRefused(found) ? found : undefined;
}

/**
 * `allocations process`: everything that is due, or of one account or schedule; with an amount an
 * allocation by hand. VALIDATION_ERROR, NOT_FOUND, DUPLICATE, ACCOUNT_INACTIVE, INSUFFICIENT_BUDGET.
 */
export async function process(
  asked: ProcessQuery,
  ports: ProcessPorts,
): Promise<ProcessDone | Refused> {
  const { account, schedule, amount, dryRun } = asked;
  const asOf = asOfDay(asked.asOf, ports.zone);
  const id = schedule === undefined ? undefined : idOf(schedule);
  if (isRefused(asOf)) {
    return asOf;
  }
  if (isRefused(id)) {
    return id;
  }
  const bad = await badAsOf(asked, asOf, ports);
  if (bad !== undefined) {
    return bad;
  }
  const unknown = await missing(asked, id, ports);
  if (unknown !== undefined) {
    return unknown;
  }
  if (amount !== undefined) {
    return id === undefined
      ? invalid('schedule', '--amount needs --schedule', 'which schedule it comes from')
      : await byHand(id, { ...asked, amount }, ports);
  }
  const done = await processAllocations(
    {
      verb: 'allocations process',
      asOf,
      ids: id === undefined ? undefined : [id],
      accounts: account === undefined ? undefined : [account],
      isDryRun: dryRun,
    },
    ports,
  );
  const answer = shown(done, dryRun);
  return { ...answer, notes: await notesOf(answer, id, ports) };
}
