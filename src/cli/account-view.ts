import type {
  Account,
  AccountDetails,
  ChangedAccount,
  PartitionLimit,
} from '../../schema/output/account.ts';
import { dayOf, dayText, instantText, momentText, startOfDay } from '../core/grant/calendar.ts';
import { accountSums, partitionSums } from '../core/ledger/sums.ts';
import { effectiveStatus } from '../core/ledger/usable.ts';
import type { PartitionFigures } from '../core/ledger/view.ts';
import { toDollars } from '../core/money/money.ts';
import type { AccountReport } from '../ports/reports.ts';
import { BUDGET_COLUMNS, budgetsOf, drawnJson, drawnOn, sharedPart } from './account-grants.ts';
import { OWN_SCHEDULE_COLUMNS, scheduleJson } from './allocation-view.ts';
import { blockText, type Column, tableText } from './table.ts';
import { timeIn } from './times.ts';

/** What shown accounts depend on beside the books. */
export interface Eyes {
  readonly nowS: number;
  readonly zone: string;
}

function nextInstant({ nextAllocationDay }: AccountReport, zone: string): string | undefined {
  return nextAllocationDay === undefined
    ? undefined
    : instantText(startOfDay(nextAllocationDay, zone));
}

export function accountJson(report: AccountReport, { nowS, zone }: Eyes): Account {
  const { account, slurmNames } = report.figures;
  const drawn = drawnOn(report);
  const sums = accountSums(report.figures);
  return {
    id: account.accountId,
    slurm_account: account.name,
    name: account.title,
    description: account.description,
    budget_limit: sums.limit,
    budget_used: sums.used,
    budget_held: sums.held,
    has_incremental_budget: report.hasSchedule,
    next_allocation_date: nextInstant(report, zone),
    total_allocated: report.allocated,
    start_date: instantText(account.startS),
    end_date: instantText(account.endS),
    status: account.status,
    created_at: momentText(account.createdUs),
    updated_at: momentText(account.updatedUs),
    budget_available: sums.available,
    grant_number: drawn[0]?.number,
    effective_status: effectiveStatus(account, nowS),
    parent_account: report.parentName,
    slurm_accounts: slurmNames.map(({ name }) => name),
    grant_id: drawn[0]?.figures.budget.awardId ?? null,
    grant_budget_period_id: null,
    is_grant_funded: drawn.length > 0,
    grants: drawn.length === 0 ? undefined : drawn.map(drawnJson),
    federal_share: sharedPart(account.federalShareE4),
  };
}

export function partitionJson(figures: PartitionFigures): PartitionLimit {
  return { partition: figures.limit.partition, ...partitionSums(figures) };
}

export function detailsJson(report: AccountReport, eyes: Eyes): AccountDetails {
  const partitionLimits = report.figures.partitions.map(partitionJson);
  return {
    ...accountJson(report, eyes),
    partition_limits: partitionLimits,
    allocation_schedules: (report.schedules ?? []).map((each) => scheduleJson(each, eyes.zone)),
  };
}

export function changedJson(
  report: AccountReport,
  eyes: Eyes,
  done: { readonly isChanged: boolean; readonly isDryRun: boolean },
): ChangedAccount {
  return {
    ...detailsJson(report, eyes),
    changed: done.isChanged,
    ...(done.isDryRun && { dry_run: true }),
  };
}

export const ACCOUNT_COLUMNS: readonly Column<AccountReport>[] = [
  { title: 'ACCOUNT', cell: ({ figures }) => figures.account.name, isKey: true },
  { title: 'NAME', cell: ({ figures }) => figures.account.title, least: 4 },
  { title: 'LIMIT', cell: money((sums) => sums.limit), align: 'right' },
  { title: 'USED', cell: money((sums) => sums.used), align: 'right' },
  { title: 'HELD', cell: money((sums) => sums.held), align: 'right' },
  { title: 'AVAILABLE', cell: money((sums) => sums.available), align: 'right' },
  { title: 'STATUS', cell: ({ figures }) => figures.account.status },
  { title: 'INCREMENTAL', cell: ({ hasSchedule }) => String(hasSchedule) },
];

type Sums = ReturnType<typeof accountSums>;

function money(choose: (sums: Sums) => Sums['limit']): (report: AccountReport) => string {
  return ({ figures }) => toDollars(choose(accountSums(figures)));
}

export const PARTITION_COLUMNS: readonly Column<PartitionFigures>[] = [
  { title: 'PARTITION', cell: ({ limit }) => limit.partition, isKey: true },
  { title: 'LIMIT', cell: (row) => toDollars(partitionSums(row).limit), align: 'right' },
  { title: 'USED', cell: (row) => toDollars(partitionSums(row).used), align: 'right' },
  { title: 'HELD', cell: (row) => toDollars(partitionSums(row).held), align: 'right' },
  { title: 'AVAILABLE', cell: (row) => toDollars(partitionSums(row).available), align: 'right' },
];

function dateText(epochS: number, zone: string): string {
  return dayText(dayOf(epochS, zone));
}

function periodText(report: AccountReport, zone: string): string {
  const { startS, endS } = report.figures.account;
  return `${dateText(startS, zone)} to ${dateText(endS, zone)}`;
}

/** What schedules gave, and when they give next. */
function incrementalText({ allocated, nextAllocationDay }: AccountReport, zone: string): string {
  return blockText('Incremental Budget', {
    'Total Allocated': toDollars(allocated),
    // Due at the first second of the day in the site zone.
    'Next Allocation':
      nextAllocationDay === undefined
        ? undefined
        : timeIn(startOfDay(nextAllocationDay, zone) * 1_000_000, zone),
  });
}

function stateBlocks(report: AccountReport, { nowS, zone }: Eyes): readonly string[] {
  const { account } = report.figures;
  const effective = effectiveStatus(account, nowS);
  const state = {
    'Account Status':
      effective === account.status ? account.status : `${account.status} (${effective})`,
    Period: periodText(report, zone),
  };
  const times = {
    Created: timeIn(account.createdUs, zone),
    Updated: timeIn(account.updatedUs, zone),
  };
  return report.hasSchedule
    ? [blockText('', state), incrementalText(report, zone), blockText('', times)]
    : [blockText('', { ...state, ...times })];
}

/** `$600.00 total, $100.00 per monthly` of a new account. */
function termsText({ schedules = [] }: AccountReport): string | undefined {
  const row = schedules[0]?.row;
  return row && `${toDollars(row.total)} total, ${toDollars(row.amount)} per ${row.frequency}`;
}

/** `account show` (budget.md 2.2). */
export function accountText(report: AccountReport, { nowS, zone }: Eyes, width: number): string {
  const { account, slurmNames, partitions, childNames } = report.figures;
  const sums = accountSums(report.figures);
  const others = slurmNames.map(({ name }) => name).filter((name) => name !== account.name);
  const schedules = report.schedules ?? [];
  const budgets = budgetsOf(report);
  const blocks = [
    blockText('Account Details', {
      'SLURM Account': account.name,
      Name: account.title,
      Description: account.description === '' ? undefined : account.description,
      'Also in SLURM': others.length === 0 ? undefined : others.join(', '),
      Parent: report.parentName,
      'Federal Share': sharedPart(account.federalShareE4)?.toString(),
      Children: childNames.length === 0 ? undefined : childNames.join(', '),
    }),
    blockText('Budget Information', {
      Limit: toDollars(sums.limit),
      Used: toDollars(sums.used),
      Held: toDollars(sums.held),
      Available: toDollars(sums.available),
    }),
    ...stateBlocks(report, { nowS, zone }),
    ...(budgets.length === 0
      ? []
      : [`Budgets, in order of draw:\n${tableText(BUDGET_COLUMNS, budgets, width)}`]),
    ...(schedules.length === 0
      ? []
      : [`Allocation Schedules:\n${tableText(OWN_SCHEDULE_COLUMNS, schedules, width)}`]),
    ...(partitions.length === 0
      ? []
      : [`Partition Limits:\n${tableText(PARTITION_COLUMNS, partitions, width)}`]),
  ];
  return blocks.join('\n\n');
}

export const NO_LIMITS = 'No partition limits.';

export function limitsText({ figures }: AccountReport, width: number): string {
  const { partitions } = figures;
  return partitions.length === 0 ? NO_LIMITS : tableText(PARTITION_COLUMNS, partitions, width);
}

/** `account create` (budget.md 2.2). */
export function createdText(report: AccountReport, zone: string): string {
  const { account } = report.figures;
  return blockText('', {
    Account: account.name,
    Name: account.title,
    'Budget Limit': toDollars(accountSums(report.figures).limit),
    'Incremental Budget': termsText(report),
    Period: periodText(report, zone),
    Status: account.status,
  });
}
