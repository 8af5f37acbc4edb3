import type { DaySum } from '../../core/burn/plan.ts';
import type { Money } from '../../core/money/money.ts';
import type { AccountUsage, UsageFilter, UsageGroup, UsageRow } from '../../ports/spending.ts';
import { type Cell, micros, type SqlRow, text, whole } from './cells.ts';
import type { Statements } from './statements.ts';

// What was spent in a span of days: money from day_spend, jobs of whole accounts from job_day; jobs by
// partition, day or user, which no sum is kept of, from the costs of those days.

const SPENT = "d.spent_micro+(b.basis='total')*d.fa_micro";
/** What is asked for: an account or NULL, the days, a partition or NULL. */
const ASKED = 'WITH q(account,first,last,part) AS (SELECT ?,?,?,?)';
/** Every day up to the last: then sums over all days serve. */
const IS_WHOLE = '(q.first=0 AND q.part IS NULL)';
const IN_SPAN = 'd.day BETWEEN q.first AND q.last AND (q.part IS NULL OR d.partition=q.part)';

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
  "t.kind IN('charge','late','adjust') AND t.day BETWEEN q.first AND q.last AND (q.part IS NULL OR p.partition=q.part)";
/** Of one account by its own lines, of all by the days. */
const OF_ONE = `FROM q CROSS JOIN account n ON n.name=q.account CROSS JOIN budget m ON m.account_id=n.account_id
  CROSS JOIN ledger_account l ON l.owner_id=m.budget_id AND l.kind IN('spent','fa_spent')
  CROSS JOIN posting p INDEXED BY posting_own ON p.la_id=l.la_id AND p.hold_id IS NULL CROSS JOIN txn t ON t.seq=p.txn_seq
  ${COST_LINES} WHERE ${COST_SPAN}`;
const OF_ALL = `FROM q CROSS JOIN txn t INDEXED BY txn_cost CROSS JOIN posting p ON p.txn_seq=t.seq ${COST_LINES} WHERE ${COST_SPAN}`;

function costsBy(label: string, one: boolean): string {
  return `${ASKED} SELECT ${label} label, SUM(p.amount_micro) spent, COUNT(DISTINCT ${JOB}) jobs ${one ? OF_ONE : OF_ALL} GROUP BY 1`;
}

/**
 * Jobs by account alone, as they are kept (0007_jobs.sql): those whose first charge of the span lies in it.
 * Without a first day it is all less those charged only later.
 */
export const JOBS = `${ASKED} SELECT c.name label, COALESCE((SELECT SUM(j.jobs) FROM job_day j WHERE q.first>0 AND j.account_id=c.account_id
    AND j.day BETWEEN q.first AND q.last AND j.since<q.first),0)
  +COALESCE((SELECT j.jobs FROM job_day j WHERE q.first=0 AND j.account_id=c.account_id AND j.day=0 AND j.since=0),0)
  -COALESCE((SELECT SUM(j.jobs) FROM job_day j WHERE q.first=0 AND j.account_id=c.account_id AND j.day>q.last AND j.since=0),0) jobs
  FROM q CROSS JOIN account c`;

/** Ledger accounts of an account that count in its figures: CROSS JOIN keeps to its own few. */
function ownedIn(kinds: readonly string[]): string {
  const always = kinds.map((kind) => `'${kind}'`);
  const all = [...always, ...kinds.filter((kind) => kind !== 'free').map((kind) => `'fa_${kind}'`)];
  return `budget b CROSS JOIN ledger_account a ON a.kind IN(${all.join()}) AND a.owner_id=b.budget_id
    AND (b.basis='total' OR a.kind IN(${always.join()}))`;
}

/** One account's; with a first day what the days of the span have, else all less what came later. */
export const ACCOUNTS = `${ASKED} SELECT c.name, COALESCE((SELECT SUM(p.amount_micro) FROM ${ownedIn(['free', 'held', 'spent'])}
    CROSS JOIN balance p ON p.la_id=a.la_id WHERE b.account_id=c.account_id),0) limit_micro,
  COALESCE((SELECT SUM(p.amount_micro) FROM ${ownedIn(['held'])} CROSS JOIN balance p ON p.la_id=a.la_id
    WHERE q.part IS NULL AND b.account_id=c.account_id),0)
  +COALESCE((SELECT SUM(p.amount_micro) FROM ${ownedIn(['held'])} CROSS JOIN partition_balance p ON p.la_id=a.la_id AND p.partition=q.part
    WHERE b.account_id=c.account_id),0) held_micro,
  COALESCE((SELECT SUM(${SPENT}) FROM budget b CROSS JOIN day_spend d USING(budget_id)
    WHERE NOT ${IS_WHOLE} AND b.account_id=c.account_id AND ${IN_SPAN}),0)
  +COALESCE((SELECT SUM(p.amount_micro) FROM ${ownedIn(['spent'])} CROSS JOIN balance p ON p.la_id=a.la_id
    WHERE ${IS_WHOLE} AND b.account_id=c.account_id),0)
  -COALESCE((SELECT SUM(${SPENT}) FROM budget b CROSS JOIN day_spend d USING(budget_id)
    WHERE ${IS_WHOLE} AND b.account_id=c.account_id AND d.day>q.last),0) spent_micro
  FROM q CROSS JOIN account c WHERE q.account IS NULL OR c.name=q.account ORDER BY c.name`;

function daysBy(group: Exclude<UsageGroup, 'user'>): string {
  return `${ASKED} SELECT ${LABELS[group]('d.day', 'd.partition')} label, SUM(${SPENT}) spent
  FROM q CROSS JOIN account c CROSS JOIN budget b USING(account_id) CROSS JOIN day_spend d USING(budget_id)
  WHERE (q.account IS NULL OR c.name=q.account) AND ${IN_SPAN} GROUP BY 1 ORDER BY 1`;
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

function jobsOf(sql: Statements, filter: UsageFilter): ReadonlyMap<string, number> {
  if (filter.accountName === undefined && filter.partition === undefined) {
    const rows = sql.all(JOBS, ...cellsOf(filter));
    return new Map(rows.map((row) => [text(row, 'label'), whole(row, 'jobs')]));
  }
  const found = costs(sql, 'c.name', filter);
  return new Map([...found].map(([label, { jobCount }]) => [label, jobCount]));
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
  const jobs = jobsOf(sql, filter);
  return sql.all(ACCOUNTS, ...cellsOf(filter)).map((row: SqlRow) => ({
    accountName: text(row, 'name'),
    limit: micros(row, 'limit_micro'),
    held: micros(row, 'held_micro'),
    spent: micros(row, 'spent_micro'),
    jobCount: jobs.get(text(row, 'name')) ?? 0,
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
