import type { DaySum } from '../../core/burn/plan.ts';
import { exceeds, type Money, minus, plus, ZERO } from '../../core/money/money.ts';
import type { Spender, SpenderFilter } from '../../ports/spending.ts';
import { micros, type SqlRow, text, textOrNone, whole, wholeOrNone } from './cells.ts';
import type { Statements } from './statements.ts';

// What a burn rate is made of: sums that are kept (balance, below, day_spend), schedules, awards.

/** The account alone, or with everything below it. */
function within(tree: boolean): string {
  return tree
    ? `IN(WITH RECURSIVE down(id) AS (SELECT ? UNION SELECT c.account_id FROM down JOIN account c ON c.parent_id=down.id)
      SELECT id FROM down)`
    : '=?';
}

/** F&A counts where the budget bears it. */
const KINDS = `a.owner_id=b.budget_id AND a.kind IN('free','held','spent','fa_held','fa_spent')
  AND (b.basis='total' OR a.kind IN('free','held','spent'))`;

function sumOf(kinds: string): string {
  return `COALESCE(SUM(CASE WHEN a.kind IN(${kinds}) THEN p.amount_micro END),0)`;
}

const ACCOUNTS = `SELECT a.account_id, a.name, a.start_s, a.end_s,
  (SELECT w.number FROM budget b JOIN award w USING(award_id) WHERE b.account_id=a.account_id AND b.closed=0
    ORDER BY b.rank LIMIT 1) grant_number FROM account a`;
const ACCOUNTS_NAMED = `${ACCOUNTS} WHERE a.name IN(SELECT value FROM json_each(?)) ORDER BY a.name`;
const ALL_ACCOUNTS = `${ACCOUNTS} ORDER BY a.name`;

function sumsSql(tree: boolean): string {
  return `SELECT ${sumOf("'free'")} free, ${sumOf("'held','fa_held'")} held, ${sumOf("'spent','fa_spent'")} spent
  FROM budget b JOIN ledger_account a ON ${KINDS} JOIN balance p USING(la_id) WHERE b.account_id ${within(tree)}`;
}
const SUMS = sumsSql(false);
const SUMS_TREE = sumsSql(true);
const BELOW = 'SELECT held_micro+spent_micro taken FROM below WHERE account_id=?';

function daysSql(tree: boolean): string {
  return `SELECT d.day, SUM(d.spent_micro+(b.basis='total')*d.fa_micro) spent FROM budget b JOIN day_spend d USING(budget_id)
  WHERE b.account_id ${within(tree)} GROUP BY d.day ORDER BY d.day`;
}
const DAYS = daysSql(false);
const DAYS_TREE = daysSql(true);

/** Due dates that were posted and not reversed. */
const ALLOCATED = `(SELECT COALESCE(SUM(p.amount_micro),0) FROM schedule_run r JOIN posting p USING(txn_seq)
  JOIN ledger_account a ON a.la_id=p.la_id AND a.kind='free' LEFT JOIN txn v ON v.reverses=r.txn_seq
  WHERE r.schedule_id=s.schedule_id AND v.seq IS NULL)`;
const SCHEDULES = `SELECT s.total_micro, s.amount_micro, s.status, s.next_day, ${ALLOCATED} allocated_micro
  FROM budget b JOIN schedule s USING(budget_id) WHERE b.account_id=? AND s.status IN('active','paused')
  ORDER BY s.next_day, s.schedule_id`;

const GRANTS = `SELECT w.award_id, w.number, w.start_s, w.end_s, w.total_micro,
  COALESCE((SELECT p.amount_micro FROM ledger_account a JOIN balance p USING(la_id)
    WHERE a.kind='award' AND a.owner_id=w.award_id),0) left_micro,
  (SELECT COALESCE(SUM(p.amount_micro),0) FROM ledger_account a JOIN balance p USING(la_id)
    WHERE a.kind IN('external','fa_external') AND a.owner_id=w.award_id) outside_micro FROM award w`;
const GRANTS_NUMBERED = `${GRANTS} WHERE w.number IN(SELECT value FROM json_each(?)) ORDER BY w.number`;
const ALL_GRANTS = `${GRANTS} ORDER BY w.number`;
const GRANT_SUMS = `SELECT ${sumOf("'free'")} free, ${sumOf("'held','fa_held'")} held, ${sumOf("'spent','fa_spent'")} spent
  FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id AND a.kind IN('free','held','spent','fa_held','fa_spent')
  JOIN balance p USING(la_id) WHERE b.award_id=?`;
const GRANT_DAYS = `SELECT d.day, SUM(d.spent_micro+d.fa_micro) spent FROM budget b JOIN day_spend d USING(budget_id)
  WHERE b.award_id=? GROUP BY d.day ORDER BY d.day`;
const GRANT_OUTSIDE = `SELECT t.day, SUM(p.amount_micro) spent FROM ledger_account a
  CROSS JOIN posting p ON p.la_id=a.la_id AND p.hold_id IS NULL JOIN txn t ON t.seq=p.txn_seq
  WHERE a.kind IN('external','fa_external') AND a.owner_id=? GROUP BY t.day ORDER BY t.day`;
const LINKED =
  'SELECT DISTINCT c.name FROM budget b JOIN account c USING(account_id) WHERE b.award_id=? ORDER BY c.name';
const EXTENSIONS = `SELECT effective_s, CAST(json_extract(detail,'$.oldEndS') AS INTEGER) old_end_s FROM award_change
  WHERE award_id=? AND kind='NCE' ORDER BY effective_s, change_id`;

function dayRows(rows: readonly SqlRow[]): readonly DaySum[] {
  return rows.map((row) => ({ day: whole(row, 'day'), spent: micros(row, 'spent') }));
}

interface Planned {
  readonly remaining: Money;
  readonly next: Spender['nextAllocation'];
}

function plannedOf(sql: Statements, accountId: number): Planned {
  let remaining = ZERO;
  let next: Planned['next'];
  for (const row of sql.all(SCHEDULES, accountId)) {
    const left = minus(micros(row, 'total_micro'), micros(row, 'allocated_micro'));
    const amount = micros(row, 'amount_micro');
    const day = wholeOrNone(row, 'next_day');
    remaining = plus(remaining, left);
    if (next === undefined && day !== undefined && text(row, 'status') === 'active') {
      next = { day, amount: exceeds(amount, left) ? left : amount };
    }
  }
  return { remaining, next };
}

function accountSpender(sql: Statements, row: SqlRow, tree: boolean): Spender {
  const id = whole(row, 'account_id');
  const own = sql.get(SUMS, id) ?? {};
  const seen = tree ? (sql.get(SUMS_TREE, id) ?? {}) : own;
  const free = micros(own, 'free');
  const limit = plus(free, plus(micros(own, 'held'), micros(own, 'spent')));
  const below = sql.get(BELOW, id);
  const { remaining, next } = plannedOf(sql, id);
  const name = text(row, 'name');
  return {
    kind: 'account',
    id,
    name,
    accountNames: [name],
    grantNumber: textOrNone(row, 'grant_number'),
    startS: whole(row, 'start_s'),
    endS: whole(row, 'end_s'),
    budget: plus(limit, remaining),
    limit,
    used: micros(seen, 'spent'),
    held: micros(seen, 'held'),
    available: minus(free, below === undefined ? ZERO : micros(below, 'taken')),
    days: dayRows(sql.all(tree ? DAYS_TREE : DAYS, id)),
    outside: [],
    extensions: [],
    nextAllocation: next,
  };
}

function grantSpender(sql: Statements, row: SqlRow): Spender {
  const id = whole(row, 'award_id');
  const sums = sql.get(GRANT_SUMS, id) ?? {};
  const total = micros(row, 'total_micro');
  return {
    kind: 'grant',
    id,
    name: text(row, 'number'),
    accountNames: sql.all(LINKED, id).map((linked) => text(linked, 'name')),
    grantNumber: text(row, 'number'),
    startS: whole(row, 'start_s'),
    endS: whole(row, 'end_s'),
    budget: total,
    limit: total,
    used: plus(micros(sums, 'spent'), micros(row, 'outside_micro')),
    held: micros(sums, 'held'),
    available: plus(micros(row, 'left_micro'), micros(sums, 'free')),
    days: dayRows(sql.all(GRANT_DAYS, id)),
    outside: dayRows(sql.all(GRANT_OUTSIDE, id)),
    extensions: sql.all(EXTENSIONS, id).flatMap((change) => {
      const oldEndS = wholeOrNone(change, 'old_end_s');
      return oldEndS === undefined ? [] : [{ atS: whole(change, 'effective_s'), oldEndS }];
    }),
  };
}

export function accountSpenders(
  sql: Statements,
  { names, tree = false }: SpenderFilter,
): readonly Spender[] {
  const rows =
    names === undefined ? sql.all(ALL_ACCOUNTS) : sql.all(ACCOUNTS_NAMED, JSON.stringify(names));
  return rows.map((row) => accountSpender(sql, row, tree));
}

export function grantSpenders(sql: Statements, { names }: SpenderFilter): readonly Spender[] {
  const rows =
    names === undefined ? sql.all(ALL_GRANTS) : sql.all(GRANTS_NUMBERED, JSON.stringify(names));
  return rows.map((row) => grantSpender(sql, row));
}
