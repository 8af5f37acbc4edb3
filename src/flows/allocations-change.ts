import { isRefused, type Refused } from '../core/errors.ts';
import { parseDate } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { compare, type Money, toMicrosText } from '../core/money/money.ts';
import { createSchedule as choose } from '../core/schedule/create.ts';
import {
  cancelSchedule,
  updateSchedule as chooseUpdate,
  pauseSchedule,
  resumeSchedule,
  type UpdateSchedule,
} from '../core/schedule/manage.ts';
import { type AccountPorts, amountOf, type Manner } from './steps/ask-account.ts';
import { unknownOwner } from './steps/ask-alert.ts';
import {
  type AskedTerms,
  actOnSchedule,
  frequencyOf,
  idOf,
  type ScheduleDone,
  termsArgs,
  termsOf,
  unspentOf,
} from './steps/ask-schedule.ts';

export interface NewAllocations extends Manner, AskedTerms {
  readonly account: string;
  readonly grant?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** A date of a flag; `undefined` when it was not given. */
function dateOf(
  text: string | undefined,
  flag: string,
  zone: string,
): number | undefined | Refused {
  return text === undefined
    ? undefined
    : (parseDate(text, zone) ??
        invalid(flag, `--${flag} ${text.slice(0, 40)}: not a date`, 'use YYYY-MM-DD'));
}

/** Typed twice, most likely: another active schedule of the account with the same terms. */
async function alikeOf(
  { report, isChanged }: ScheduleDone,
  account: string,
  { reports }: AccountPorts,
): Promise<number | undefined> {
  const { row } = report;
  const others = isChanged
    ? await reports.schedules({ accounts: [account], status: 'active' })
    : [];
  return others.find(
    ({ row: other }) =>
      other.scheduleId !== row.scheduleId &&
      other.budgetId === row.budgetId &&
      other.frequency === row.frequency &&
      compare(other.total, row.total) === 0 &&
      compare(other.amount, row.amount) === 0,
  )?.row.scheduleId;
}

export interface ScheduleMade extends ScheduleDone {
  /** Another one that looks the same. */
  readonly alike: number | undefined;
}

/** `allocations create`. VALIDATION_ERROR, NOT_FOUND, ACCOUNT_INACTIVE, ACCOUNT_EXPIRED. */
export async function createSchedule(
  asked: NewAllocations,
  ports: AccountPorts,
): Promise<ScheduleMade | Refused> {
  const { account, grant } = asked;
  const { bounds, zone } = ports;
  const terms = termsOf(asked);
  const startDay = dateOf(asked.start, 'start', zone);
  const endDay = dateOf(asked.end, 'end', zone);
  if (isRefused(terms)) {
    return terms;
  }
  if (isRefused(startDay)) {
    return startDay;
  }
  if (isRefused(endDay)) {
    return endDay;
  }
  const done = await actOnSchedule(
    {
      ...asked,
      verb: 'allocations create',
      args: {
        account,
        grant: grant ?? null,
        ...termsArgs(terms),
        start: startDay ?? null,
        end: endDay ?? null,
      },
      query: { accounts: [account] },
      choose: (view) =>
        choose(view, { accountName: account, grant, terms, startDay, endDay, bounds, zone }),
    },
    ports,
  );
  if (isRefused(done)) {
    const isUnknown = done.code === 'NOT_FOUND';
    return (isUnknown ? await unknownOwner({ account, grant }, ports.reports) : undefined) ?? done;
  }
  return { ...done, alike: await alikeOf(done, account, ports) };
}

export interface OneSchedule extends Manner {
  readonly id: string;
}

type Act = 'pause' | 'cancel';

/** `allocations pause`, `allocations cancel`. NOT_FOUND, VALIDATION_ERROR when it has ended. */
export async function stopSchedule(
  act: Act,
  asked: OneSchedule,
  ports: AccountPorts,
): Promise<ScheduleDone | Refused> {
  const id = idOf(asked.id);
  if (isRefused(id)) {
    return id;
  }
  const decide = act === 'pause' ? pauseSchedule : cancelSchedule;
  return await actOnSchedule(
    {
      ...asked,
      verb: `allocations ${act}`,
      args: { schedule: id },
      query: { schedules: { ids: [id] } },
      choose: (view) => decide(view, id),
    },
    ports,
  );
}

/** `allocations resume`. NOT_FOUND, VALIDATION_ERROR when it has ended. */
export async function resume(
  asked: OneSchedule & { readonly skipMissed: boolean },
  ports: AccountPorts,
): Promise<ScheduleDone | Refused> {
  const id = idOf(asked.id);
  if (isRefused(id)) {
    return id;
  }
  const { skipMissed } = asked;
  return await actOnSchedule(
    {
      ...asked,
      verb: 'allocations resume',
      args: { schedule: id, skip_missed: skipMissed },
      query: { schedules: { ids: [id] } },
      choose: (view) => resumeSchedule(view, { scheduleId: id, skipMissed }),
    },
    ports,
  );
}

export interface ScheduleChanges extends OneSchedule {
  readonly amount?: string | undefined;
  readonly frequency?: string | undefined;
  /** '': the account's end again. */
  readonly end?: string | undefined;
  readonly auto?: boolean | undefined;
  readonly unspent?: string | undefined;
}

function changesOf(
  asked: ScheduleChanges,
  zone: string,
): Omit<UpdateSchedule, 'scheduleId'> | Refused {
  const amount =
    asked.amount === undefined ? undefined : amountOf(asked.amount, 'allocation-amount');
  const frequency = asked.frequency === undefined ? undefined : frequencyOf(asked.frequency);
  const unspent = asked.unspent === undefined ? undefined : unspentOf(asked.unspent);
  const endDay = asked.end === '' ? 'account' : dateOf(asked.end, 'end', zone);
  if (isRefused(amount)) {
    return amount;
  }
  if (isRefused(frequency)) {
    return frequency;
  }
  if (isRefused(unspent)) {
    return unspent;
  }
  return isRefused(endDay) ? endDay : { amount, frequency, unspent, endDay, auto: asked.auto };
}

function text(amount: Money | undefined): string | null {
  return amount === undefined ? null : toMicrosText(amount);
}

/** `allocations update`. VALIDATION_ERROR (also when nothing is given or it has ended), NOT_FOUND. */
export async function updateSchedule(
  asked: ScheduleChanges,
  ports: AccountPorts,
): Promise<ScheduleDone | Refused> {
  const id = idOf(asked.id);
  const changes = changesOf(asked, ports.zone);
  if (isRefused(id)) {
    return id;
  }
  if (isRefused(changes)) {
    return changes;
  }
  if (Object.values(changes).every((value) => value === undefined)) {
    return invalid('id', 'nothing to change', 'give at least one flag, see --help');
  }
  const { amount, frequency, unspent, endDay, auto } = changes;
  return await actOnSchedule(
    {
      ...asked,
      verb: 'allocations update',
      args: {
        schedule: id,
        amount: text(amount),
        frequency: frequency ?? null,
        unspent: unspent ?? null,
        end: endDay ?? null,
        auto: auto ?? null,
      },
      query: { schedules: { ids: [id] } },
      choose: (view) => chooseUpdate(view, { scheduleId: id, ...changes }),
    },
    ports,
  );
}
