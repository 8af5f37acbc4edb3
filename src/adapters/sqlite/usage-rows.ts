import type { DaySum } from '../../core/burn/plan.ts';
import type { Money } from '../../core/money/money.ts';
import type { AccountUsage, UsageFilter, UsageGroup, UsageRow } from '../../ports/spending.ts';
import { type Cell, micros, type SqlRow, text, whole } from './cells.ts';
import type { Statements } from './statements.ts';

// What was spent in a span of days: money from day_spend; jobs and users, which no sum is kept of, from
// the costs of those days.

const SPENT = "d.spent_micro+(b.basis='total')*d.fa_micro";
/** ?1 account or NULL, ?2 and ?3 the days, ?4 partition or NULL. */
const IN_SPAN = 'd.day BETWEEN ?2 AND ?3 AND (?4 IS NULL OR d.partition=?4)';

function dateOf(day: string): string {
  return `printf('%04d-%02d-%02d',${day}/10000,${day}/100%100,${day}%100)`;
}

const LABELS: Readonly<Record<Exclude<UsageGroup, 'user'>, (day: string, name: string) => string>> =
  {
    day: (day) => dateOf(day),
    week: (day) => `strftime('%G-W%V',${dateOf(day)})`,
    month: (day) => `printf('%04d-%02d',${day}/10000,${day}/100%100)`,
    partition: (_, name) => name,
  };

/** Each job once: an adjust counts with the charge that it corrects. */
const JOB = `CASE WHEN t.kind<>'adjust' THEN COALESCE(h.cluster_id||' '||h.job_id||' '||h.array_task,'hold '||h.hold_id) END`;
const COST_LINES = `JOIN ledger_account a ON a.la_id=p.la_id AND a.kind IN('spent','fa_spent')
  JOIN budget b ON b.budget_id=a.owner_id AND (a.kind='spent' OR b.basis='total') JOIN account c USING(account_id)
  LEFT JOIN txn o ON o.seq=t.parent LEFT JOIN hold h ON h.hold_id=COALESCE(t.hold_id,o.hold_id)`;
const COST_SPAN =
  "t.kind IN('charge','late','adjust') AND t.day BETWEEN ?2 AND ?3 AND (?4 IS NULL OR p.partition=?4)";
/** Of one account by its own lines, of all by the days. */
const OF_ONE = `FROM account n JOIN budget m USING(account_id)
  JOIN ledger_account l ON l.owner_id=m.budget_id AND l.kind IN('spent','fa_spent')
  CROSS JOIN posting p INDEXED BY posting_own ON p.la_id=l.la_id AND p.hold_id IS NULL CROSS JOIN txn t ON t.seq=p.txn_seq
  ${COST_LINES} WHERE n.name=?1 AND ${COST_SPAN}`;
const OF_ALL = `FROM txn t INDEXED BY txn_cost CROSS JOIN posting p ON p.txn_seq=t.seq ${COST_LINES} WHERE ?1 IS NULL AND ${COST_SPAN}`;

function costsBy(label: string, one: boolean): string {
  return `SELECT ${label} label, SUM(p.amount_micro) spent, COUNT(DISTINCT ${JOB}) jobs ${one ? OF_ONE : OF_ALL} GROUP BY 1`;
}

const ACCOUNTS = `SELECT c.name, COALESCE((SELECT SUM(p.amount_micro) FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id
    AND a.kind IN('free','held','spent','fa_held','fa_spent') AND (b.basis='total' OR a.kind IN('free','held','spent'))
    JOIN balance p USING(la_id) WHERE b.account_id=c.account_id),0) limit_micro,
  COALESCE((SELECT SUM(p.amount_micro) FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id
    AND (a.kind='held' OR (a.kind='fa_held' AND b.basis='total')) JOIN balance p USING(la_id)
    WHERE ?4 IS NULL AND b.account_id=c.account_id),0)
  +COALESCE((SELECT SUM(p.amount_micro) FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id
    AND (a.kind='held' OR (a.kind='fa_held' AND b.basis='total')) JOIN partition_balance p ON p.la_id=a.la_id AND p.partition=?4
    WHERE b.account_id=c.account_id),0) held_micro,
  COALESCE((SELECT SUM(${SPENT}) FROM budget b JOIN day_spend d USING(budget_id)
    WHERE b.account_id=c.account_id AND ${IN_SPAN}),0) spent_micro
  FROM account c WHERE ?1 IS NULL OR c.name=?1 ORDER BY c.name`;

function daysBy(group: Exclude<UsageGroup, 'user'>): string {
  return `SELECT ${LABELS[group]('d.day', 'd.partition')} label, SUM(${SPENT}) spent
  FROM account c JOIN budget b USING(account_id) JOIN day_spend d USING(budget_id)
  WHERE (?1 IS NULL OR c.name=?1) AND ${IN_SPAN} GROUP BY 1 ORDER BY 1`;
}

const TREND = `SELECT d.day, SUM(${SPENT}) spent FROM account c JOIN budget b USING(account_id) JOIN day_spend d USING(budget_id)
  WHERE c.name=? AND d.day>=? GROUP BY d.day ORDER BY d.day`;

function cellsOf({ accountName, fromDay, toDay, partition }: UsageFilter): readonly Cell[] {
  return [accountName ?? null, fromDay, toDay, partition ?? null];
}

interface Cost {
  readonly spent: Money;
  readonly jobCount: number;
}

function costs(sql: Statements, label: string, filter: UsageFilter): ReadonlyMap<string, Cost> {
  const query = costsBy(label, filter.accountName !== undefined);
  return new Map(
    sql
      .all(query, ...cellsOf(filter))
      .map((row): [string, Cost] => [
        text(row, 'label'),
        { spent: micros(row, 'spent'), jobCount: whole(row, 'jobs') },
      ]),
  );
}

/** Jobs of the accounts' own; one that two accounts paid for counts with each. */
export function accountUsage(sql: Statements, filter: UsageFilter): readonly AccountUsage[] {
  const jobs = costs(sql, 'c.name', filter);
  return sql.all(ACCOUNTS, ...cellsOf(filter)).map((row: SqlRow) => ({
    accountName: text(row, 'name'),
    limit: micros(row, 'limit_micro'),
    held: micros(row, 'held_micro'),
    spent: micros(row, 'spent_micro'),
    jobCount: jobs.get(text(row, 'name'))?.jobCount ?? 0,
  }));
}

export function usageBy(
  sql: Statements,
  group: UsageGroup,
  filter: UsageFilter,
): readonly UsageRow[] {
  if (group === 'user') {
    const found = [...costs(sql, "COALESCE(h.user_name,'')", filter)];
    return found
      .map(([label, cost]) => ({ label, ...cost }))
      .toSorted((a, b) => (a.label < b.label ? -1 : 1));
  }
  const jobs = costs(sql, LABELS[group]('t.day', 'p.partition'), filter);
  return sql.all(daysBy(group), ...cellsOf(filter)).map((row) => {
    const label = text(row, 'label');
    return { label, spent: micros(row, 'spent'), jobCount: jobs.get(label)?.jobCount ?? 0 };
  });
}

export function trendOf(sql: Statements, name: string, fromDay: number): readonly DaySum[] {
  return sql
    .all(TREND, name, fromDay)
    .map((row) => ({ day: whole(row, 'day'), spent: micros(row, 'spent') }));
}
