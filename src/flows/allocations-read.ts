import { isRefused, type Refused } from '../core/errors.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { SCHEDULE_STATUSES } from '../core/schedule/rows.ts';
import { noSuchSchedule } from '../core/schedule/words.ts';
import type { AllocationReport, Reports, ScheduleReport } from '../ports/reports.ts';
import { unknownAccount } from './steps/ask-account.ts';
import { idOf } from './steps/ask-schedule.ts';

interface ReadPorts {
  readonly reports: Reports;
}

export interface ScheduleQuery {
  readonly account?: string | undefined;
  readonly status?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** `allocations list`: by id. NOT_FOUND (account, with a suggestion), VALIDATION_ERROR. */
export async function listSchedules(
  { account, status, limit, offset }: ScheduleQuery,
  { reports }: ReadPorts,
): Promise<readonly ScheduleReport[] | Refused> {
  const known = SCHEDULE_STATUSES.find((each) => each === status);
  if (status !== undefined && known === undefined) {
    return invalid(
      'status',
      `--status ${status.slice(0, 40)}: no such status`,
      SCHEDULE_STATUSES.join(', '),
    );
  }
  if (account !== undefined && !(await reports.accountNames()).includes(account)) {
    return await unknownAccount(account, reports);
  }
  const accounts = account === undefined ? undefined : [account];
  return await reports.schedules({ accounts, status: known, limit, offset });
}

export interface ScheduleStory {
  readonly report: ScheduleReport;
  /** Oldest first. */
  readonly allocations: readonly AllocationReport[];
}

/** `allocations show`: the schedule and what it gave. NOT_FOUND, VALIDATION_ERROR. */
export async function showSchedule(
  text: string,
  { reports }: ReadPorts,
): Promise<ScheduleStory | Refused> {
  const id = idOf(text);
  if (isRefused(id)) {
    return id;
  }
  const [report] = await reports.schedules({ ids: [id] });
  return report === undefined
    ? noSuchSchedule(id)
    : { report, allocations: await reports.allocations(id) };
}
