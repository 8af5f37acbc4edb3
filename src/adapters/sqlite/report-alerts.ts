import { and, asc, desc, eq, gte, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { account, budget } from '../../../schema/tables/accounts.ts';
import { alert, deadline, outbox } from '../../../schema/tables/alerts.ts';
import { award } from '../../../schema/tables/grants.ts';
import type { AlertRow, DeadlineRow, MessageRow } from '../../core/alerts/rows.ts';
import type {
  AlertFilter,
  AlertReport,
  DeadlineFilter,
  DeadlineReport,
} from '../../ports/reports.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER; // drizzle leaves a negative one out, and OFFSET stands alone
const GRAVITY = sql`CASE ${alert.severity} WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END`;

function alertRow(row: typeof alert.$inferSelect): AlertRow {
  return {
    ...row,
    accountId: row.accountId ?? undefined,
    awardId: row.awardId ?? undefined,
    acknowledgedUs: row.acknowledgedUs ?? undefined,
    snoozedUntilS: row.snoozedUntilS ?? undefined,
    resolvedUs: row.resolvedUs ?? undefined,
  };
}

function deadlineRow(row: typeof deadline.$inferSelect): DeadlineRow {
  return {
    ...row,
    accountId: row.accountId ?? undefined,
    awardId: row.awardId ?? undefined,
    removed: row.removed !== 0,
    // Written by us as a list of texts.
    recommendations: JSON.parse(row.recommendations) as readonly string[],
  };
}

/** Of the grant, or of an account that draws on it. */
function ofGrant(
  db: BetterSQLite3Database,
  { awardId, accountId }: typeof alert | typeof deadline,
  number: string,
): SQL | undefined {
  const accounts = db
    .select({ id: budget.accountId })
    .from(budget)
    .innerJoin(award, eq(award.awardId, budget.awardId))
    .where(and(eq(award.number, number), eq(budget.closed, 0)));
  const awards = db.select({ id: award.awardId }).from(award).where(eq(award.number, number));
  return or(inArray(awardId, awards), inArray(accountId, accounts));
}

function alertsWhere(db: BetterSQLite3Database, filter: AlertFilter): SQL | undefined {
  const { ids, accountName, grantNumber, severity, type, statuses, awakeAtS } = filter;
  const { fromUs, toUs } = filter;
  return and(
    ids && inArray(alert.alertId, [...ids]),
    accountName === undefined ? undefined : eq(account.name, accountName),
    grantNumber === undefined ? undefined : ofGrant(db, alert, grantNumber),
    severity && eq(alert.severity, severity),
    type && eq(alert.type, type),
    statuses && inArray(alert.status, [...statuses]),
    awakeAtS === undefined
      ? undefined
      : or(isNull(alert.snoozedUntilS), lte(alert.snoozedUntilS, awakeAtS)),
    fromUs === undefined ? undefined : or(isNull(alert.resolvedUs), gte(alert.resolvedUs, fromUs)),
    toUs === undefined ? undefined : lte(alert.triggeredUs, toUs),
  );
}

export function alertReports(
  db: BetterSQLite3Database,
  filter: AlertFilter,
): readonly AlertReport[] {
  return db
    .select({ row: alert, accountName: account.name, grantNumber: award.number })
    .from(alert)
    .leftJoin(account, eq(account.accountId, alert.accountId))
    .leftJoin(award, eq(award.awardId, alert.awardId))
    .where(alertsWhere(db, filter))
    .orderBy(GRAVITY, desc(alert.triggeredUs), desc(alert.alertId))
    .limit(filter.limit ?? NO_LIMIT)
    .offset(filter.offset ?? 0)
    .all()
    .map(({ row, accountName, grantNumber }) => ({
      row: alertRow(row),
      accountName: accountName ?? undefined,
      grantNumber: grantNumber ?? undefined,
    }));
}

export function messageRows(
  db: BetterSQLite3Database,
  alertIds: readonly number[],
): readonly MessageRow[] {
  return db
    .select()
    .from(outbox)
    .where(inArray(outbox.alertId, [...alertIds]))
    .orderBy(asc(outbox.messageId))
    .all()
    .map((row) => ({
      ...row,
      leaseUs: row.leaseUs ?? undefined,
      doneUs: row.doneUs ?? undefined,
    }));
}

export function deadlineReports(
  db: BetterSQLite3Database,
  { accountName, grantNumber, fromDay, toDay, ids, isRemoved }: DeadlineFilter,
): readonly DeadlineReport[] {
  return db
    .select({ row: deadline, accountName: account.name, grantNumber: award.number })
    .from(deadline)
    .leftJoin(account, eq(account.accountId, deadline.accountId))
    .leftJoin(award, eq(award.awardId, deadline.awardId))
    .where(
      and(
        isRemoved === true ? undefined : eq(deadline.removed, 0),
        ids && inArray(deadline.deadlineId, [...ids]),
        accountName === undefined ? undefined : eq(account.name, accountName),
        grantNumber === undefined ? undefined : ofGrant(db, deadline, grantNumber),
        fromDay === undefined ? undefined : gte(deadline.day, fromDay),
        toDay === undefined ? undefined : lte(deadline.day, toDay),
      ),
    )
    .orderBy(asc(deadline.day), asc(deadline.deadlineId))
    .all()
    .map(({ row, accountName: name, grantNumber: number }) => ({
      row: deadlineRow(row),
      accountName: name ?? undefined,
      grantNumber: number ?? undefined,
    }));
}
