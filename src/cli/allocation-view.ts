import type {
  Allocation,
  ChangedSchedule,
  ProcessedAllocations,
  Schedule,
  ScheduleDetails,
} from '../../schema/output/allocations.ts';
import { dayText, endOfDay, instantText, momentText, startOfDay } from '../core/grant/calendar.ts';
import { ROWS_PER_TXN } from '../core/ledger/transactions.ts';
import { sum, toDollars } from '../core/money/money.ts';
import { lastDayOf, nextAmount, remainingOf } from '../core/schedule/dates.ts';
import { allocationId } from '../core/schedule/postings.ts';
import type { AllocatedRow, ProcessDone } from '../flows/allocations-process.ts';
import type { AllocationReport, ScheduleReport } from '../ports/reports.ts';
import { blockText, type Column, tableText } from './table.ts';
import { timeIn } from './times.ts';

/** `zone`: of the site, whose midnights due dates begin at. */
export function scheduleJson(report: ScheduleReport, zone: string): Schedule {
  const { row, account } = report;
  return {
    id: row.scheduleId,
    account_id: account.accountId,
    account: account.name,
    total_budget: row.total,
    allocation_amount: row.amount,
    allocation_frequency: row.frequency,
    start_date: instantText(startOfDay(row.startDay, zone)),
    end_date: instantText(endOfDay(lastDayOf(report), zone)),
    next_allocation_date:
      row.nextDay === undefined ? undefined : instantText(startOfDay(row.nextDay, zone)),
    next_allocation_amount: nextAmount(report),
    allocated_to_date: report.allocated,
    remaining_budget: remainingOf(report),
    status: row.status,
    unspent: row.unspent,
    auto_allocate: row.auto,
    anchor_date: dayText(row.anchorDay),
    anchor_index: row.anchorIndex,
    created_at: momentText(row.createdUs),
    updated_at: momentText(row.updatedUs),
  };
}

function notesOf({ isByHand, reason }: AllocationReport): string {
  return isByHand ? reason : 'Automated allocation';
}

function allocationJson(report: AllocationReport, accountId: number): Allocation {
  return {
    id: ROWS_PER_TXN * report.txnSeq,
    schedule_id: report.scheduleId,
    account_id: accountId,
    allocation_amount: report.amount,
    allocated_date: dayText(report.dueDay),
    transaction_id: allocationId(report.scheduleId, report.dueDay),
    notes: notesOf(report),
    ...(report.isReversed && { reversed: true }),
    created_at: momentText(report.atUs),
  };
}

interface Story {
  readonly report: ScheduleReport;
  readonly allocations: readonly AllocationReport[];
}

export function storyJson({ report, allocations }: Story, zone: string): ScheduleDetails {
  const { accountId } = report.account;
  return {
    ...scheduleJson(report, zone),
    allocations: allocations.map((each) => allocationJson(each, accountId)),
  };
}

export function changedScheduleJson(
  report: ScheduleReport,
  zone: string,
  done: { readonly isChanged: boolean; readonly isDryRun: boolean },
): ChangedSchedule {
  return {
    ...scheduleJson(report, zone),
    changed: done.isChanged,
    ...(done.isDryRun && { dry_run: true }),
  };
}

function nextText({ row }: ScheduleReport): string {
  return row.status === 'active' && row.nextDay !== undefined ? dayText(row.nextDay) : 'N/A';
}

/** `allocations list` (budget.md 2.3). */
export const SCHEDULE_COLUMNS: readonly Column<ScheduleReport>[] = [
  { title: 'ID', cell: ({ row }) => String(row.scheduleId), align: 'right' },
  { title: 'ACCOUNT', cell: ({ account }) => account.name, isKey: true },
  { title: 'TOTAL', cell: ({ row }) => toDollars(row.total), align: 'right' },
  { title: 'ALLOCATED', cell: ({ allocated }) => toDollars(allocated), align: 'right' },
  { title: 'REMAINING', cell: (report) => toDollars(remainingOf(report)), align: 'right' },
  { title: 'FREQUENCY', cell: ({ row }) => row.frequency },
  { title: 'NEXT', cell: nextText },
  { title: 'STATUS', cell: ({ row }) => row.status },
];

/** In `account show`: the account is known there. */
export const OWN_SCHEDULE_COLUMNS: readonly Column<ScheduleReport>[] = SCHEDULE_COLUMNS.filter(
  ({ title }) => title !== 'ACCOUNT',
);

const HISTORY_COLUMNS: readonly Column<AllocationReport>[] = [
  { title: 'DATE', cell: ({ dueDay }) => dayText(dueDay) },
  { title: 'AMOUNT', cell: ({ amount }) => toDollars(amount), align: 'right' },
  {
    title: 'TRANSACTION_ID',
    cell: ({ scheduleId, dueDay }) => allocationId(scheduleId, dueDay),
    least: 16,
  },
  {
    title: 'NOTES',
    cell: (report) => (report.isReversed ? `${notesOf(report)} (reversed)` : notesOf(report)),
    least: 10,
  },
];

const SHORT = /^(\d{8}) /u;

function shortText({ shortNote }: ScheduleReport): string | undefined {
  const day = SHORT.exec(shortNote)?.[1];
  return day === undefined ? undefined : `the award cannot pay the one of ${dayText(Number(day))}`;
}

/** `allocations show` and what follows a change: all fields. */
export function scheduleText(report: ScheduleReport, zone: string): string {
  const { row, account } = report;
  return blockText('Allocation Schedule', {
    ID: String(row.scheduleId),
    Account: account.name,
    'Total Budget': toDollars(row.total),
    'Allocation Amount': `${toDollars(row.amount)} ${row.frequency}`,
    Allocated: toDollars(report.allocated),
    Remaining: toDollars(remainingOf(report)),
    'Next Allocation':
      row.status === 'active' ? `${nextText(report)} (${toDollars(nextAmount(report))})` : 'N/A',
    Waiting: shortText(report),
    Period: `${dayText(row.startDay)} to ${dayText(lastDayOf(report))}`,
    Status: row.status,
    Unspent: row.unspent === 'carry' ? 'carried forward' : 'lapses at the next allocation',
    Automatic: row.auto ? 'yes' : 'no, only when asked for by name',
    Anchor: `${dayText(row.anchorDay)}, ${row.anchorIndex} ${row.anchorIndex === 1 ? 'date' : 'dates'} passed`,
    Created: timeIn(row.createdUs, zone),
    Updated: timeIn(row.updatedUs, zone),
  });
}

export function storyText(
  { report, allocations }: Story,
  { zone, width }: { readonly zone: string; readonly width: number },
): string {
  const history =
    allocations.length === 0
      ? 'Nothing was allocated yet.'
      : `Allocations:\n${tableText(HISTORY_COLUMNS, allocations, width)}`;
  return `${scheduleText(report, zone)}\n\n${history}`;
}

const POSTED_COLUMNS: readonly Column<AllocatedRow>[] = [
  { title: 'SCHEDULE_ID', cell: ({ scheduleId }) => String(scheduleId), align: 'right' },
  { title: 'ACCOUNT_ID', cell: ({ accountId }) => String(accountId), align: 'right' },
  { title: 'AMOUNT', cell: ({ amount }) => toDollars(amount), align: 'right' },
  { title: 'TRANSACTION_ID', cell: ({ scheduleId, day }) => allocationId(scheduleId, day) },
];

export function processedJson({ posted, unposted, isDryRun }: ProcessDone): ProcessedAllocations {
  return {
    processed_count: posted.length,
    total_allocated: sum(posted.map(({ amount }) => amount)),
    allocations: posted.map(({ scheduleId, accountId, day, amount }) => ({
      schedule_id: scheduleId,
      account_id: accountId,
      allocated_amount: amount,
      transaction_id: allocationId(scheduleId, day),
    })),
    unposted: unposted.map(({ scheduleId, account, day, amount }) => ({
      schedule_id: scheduleId,
      account,
      due_date: dayText(day),
      amount,
    })),
    dry_run: isDryRun,
  };
}

/** `allocations process` (budget.md 2.3). */
export function processedText({ posted, isDryRun }: ProcessDone, width: number): string {
  const total = toDollars(sum(posted.map(({ amount }) => amount)));
  return [
    isDryRun ? 'Dry run: nothing was posted.' : 'Allocation processing completed!',
    `Processed: ${posted.length} allocations`,
    `Total Allocated: ${total}`,
    ...(posted.length === 0 ? [] : ['', tableText(POSTED_COLUMNS, posted, width)]),
  ].join('\n');
}
