import type {
  Alert,
  AlertCheck,
  ChangedAlert,
  ChangedDeadline,
  Deadline,
} from '../../schema/output/alert.ts';
import { urgencyOf } from '../core/decision/levels.ts';
import { daysBetween, dayText, instantText, momentText } from '../core/grant/calendar.ts';
import { exactly } from '../core/money/ratio.ts';
import type { AlertDone } from '../flows/alerts-change.ts';
import type { Checked } from '../flows/alerts-check.ts';
import type { DeadlineDone } from '../flows/deadlines.ts';
import type { AlertReport, DeadlineReport } from '../ports/reports.ts';
import { blockText, type Column } from './table.ts';
import { dateIn, timeIn } from './times.ts';

const NOTES = 'notes';

function momentOf(epochUs: number | undefined): string | undefined {
  return epochUs === undefined ? undefined : momentText(epochUs);
}

function detailsOf({ row }: AlertReport): string {
  // Written by core/alerts/settle.ts: an object.
  const known = JSON.parse(row.details) as Readonly<Record<string, unknown>>;
  return JSON.stringify(row.notes === '' ? known : { ...known, [NOTES]: row.notes });
}

/** budget.md 1.10. */
export function alertJson(report: AlertReport): Alert {
  const { row, accountName, grantNumber } = report;
  return {
    id: row.alertId,
    account_id: row.accountId,
    account: accountName,
    grant_id: row.awardId,
    grant_number: grantNumber,
    alert_type: row.type,
    severity: row.severity,
    threshold_value: Number(row.threshold),
    actual_value: Number(row.actual),
    message: row.message,
    details: detailsOf(report),
    triggered_at: momentText(row.triggeredUs),
    acknowledged_at: momentOf(row.acknowledgedUs),
    acknowledged_by: row.acknowledgedUs === undefined ? undefined : row.acknowledgedBy,
    resolved_at: momentOf(row.resolvedUs),
    snoozed_until: row.snoozedUntilS === undefined ? undefined : instantText(row.snoozedUntilS),
    status: row.status,
  };
}

function ownerText({ accountName, grantNumber }: AlertReport | DeadlineReport): string {
  return accountName ?? grantNumber ?? '-';
}

export function alertColumns(zone: string): readonly Column<AlertReport>[] {
  return [
    { title: 'ID', cell: ({ row }) => String(row.alertId), align: 'right' },
    { title: 'SEVERITY', cell: ({ row }) => row.severity },
    { title: 'TYPE', cell: ({ row }) => row.type },
    { title: 'ACCOUNT', cell: ownerText, isKey: true },
    { title: 'TRIGGERED', cell: ({ row }) => dateIn(row.triggeredUs, zone) },
    { title: 'STATUS', cell: ({ row }) => row.status },
    { title: 'MESSAGE', cell: ({ row }) => row.message, isOpenEnded: true },
  ];
}

/** One alert, after something was done with it. */
export function alertText(report: AlertReport, zone: string): string {
  const { row, accountName, grantNumber } = report;
  const isSeen = row.acknowledgedUs !== undefined;
  return blockText('Alert', {
    ID: String(row.alertId),
    Severity: row.severity,
    Type: row.type,
    Account: accountName,
    Grant: grantNumber,
    Message: row.message,
    Triggered: timeIn(row.triggeredUs, zone),
    Status: row.status,
    'Acknowledged By': isSeen ? row.acknowledgedBy : undefined,
    Notes: row.notes === '' ? undefined : row.notes,
    'Snoozed Until':
      row.snoozedUntilS === undefined ? undefined : timeIn(row.snoozedUntilS * 1_000_000, zone),
  });
}

export function changedAlertJson({ report, isChanged, isDryRun }: AlertDone): ChangedAlert {
  return { ...alertJson(report), changed: isChanged, dry_run: isDryRun ? true : undefined };
}

export function alertCheckJson({ result, active, isCritical, isDryRun }: Checked): AlertCheck {
  const { accounts, grants, triggered, escalated, resolved } = result;
  return {
    ...{ accounts, grants, triggered, escalated, resolved },
    critical: isCritical,
    alerts: active.map(alertJson),
    dry_run: isDryRun ? true : undefined,
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function alertCheckLine({ result, active }: Checked): string {
  const { accounts, grants, triggered, escalated, resolved } = result;
  return `Checked ${counted(accounts, 'account')} and ${counted(grants, 'grant')}: ${triggered} new, ${escalated} graver, ${resolved} over, ${active.length} active`;
}

interface Dated {
  readonly report: DeadlineReport;
  readonly today: number;
}

export function deadlineJson({ report, today }: Dated): Deadline {
  const { row, accountName, grantNumber } = report;
  const days = daysBetween(today, row.day);
  return {
    id: report.isDerived ? undefined : row.deadlineId,
    account: accountName,
    grant_number: grantNumber,
    type: row.type,
    description: row.description,
    date: dayText(row.day),
    days_from_now: days,
    severity: urgencyOf(exactly(days)),
    budget_impact: row.budgetImpact,
    recommendations: [...row.recommendations],
  };
}

export function changedDeadlineJson(done: DeadlineDone): ChangedDeadline {
  const { isChanged, isDryRun } = done;
  return { ...deadlineJson(done), changed: isChanged, dry_run: isDryRun ? true : undefined };
}

export const DEADLINE_COLUMNS: readonly Column<Dated>[] = [
  {
    title: 'ID',
    cell: ({ report }) => (report.isDerived ? '-' : String(report.row.deadlineId)),
    align: 'right',
  },
  { title: 'DATE', cell: ({ report }) => dayText(report.row.day) },
  {
    title: 'DAYS',
    cell: ({ report, today }) => String(daysBetween(today, report.row.day)),
    align: 'right',
  },
  {
    title: 'URGENCY',
    cell: ({ report, today }) => urgencyOf(exactly(daysBetween(today, report.row.day))),
  },
  { title: 'TYPE', cell: ({ report }) => report.row.type },
  { title: 'ACCOUNT', cell: ({ report }) => ownerText(report), isKey: true },
  { title: 'DESCRIPTION', cell: ({ report }) => report.row.description, least: 14 },
];

export function deadlineText({ report, today }: Dated): string {
  const { row, accountName, grantNumber } = report;
  const days = daysBetween(today, row.day);
  return blockText('Deadline', {
    ID: String(row.deadlineId),
    Account: accountName,
    Grant: grantNumber,
    Type: row.type,
    Date: `${dayText(row.day)} (${counted(Math.abs(days), 'day')} ${days < 0 ? 'ago' : 'ahead'})`,
    Urgency: urgencyOf(exactly(days)),
    Description: row.description,
    'Budget Impact': row.budgetImpact === '' ? undefined : row.budgetImpact,
    Recommendations: row.recommendations.length === 0 ? undefined : row.recommendations.join('; '),
  });
}
