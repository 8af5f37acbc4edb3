import { planWith } from '../../core/grant/plan.ts';
import type {
  AwardBudget,
  AwardFigures,
  AwardSelector,
  AwardsView,
  BaseBooked,
  BudgetAward,
  SpentOnDay,
} from '../../core/grant/view.ts';
import { type Money, ZERO } from '../../core/money/money.ts';
import {
  awardChangeTable,
  awardReportTable,
  awardTable,
  entryTable,
  faRateTable,
} from './award-tables.ts';
import { micros, type SqlRow, text, whole } from './cells.ts';
import type { Statements } from './statements.ts';
import { accountTable, budgetTable } from './tables.ts';

const BY_ID = 'SELECT * FROM award WHERE award_id=?';
const BY_NUMBER =
  'SELECT * FROM award WHERE number IN(SELECT value FROM json_each(?)) ORDER BY number';
const ALL = 'SELECT * FROM award ORDER BY number';
const BALANCE =
  'SELECT b.amount_micro FROM ledger_account a JOIN balance b USING(la_id) WHERE a.kind=? AND a.owner_id=?';
const RATES = 'SELECT * FROM fa_rate WHERE award_id=? ORDER BY from_day, rate_id';
/** The newest row of each rate: its running sums are what was booked so far. */
const FA = `SELECT r.rate_id, f.cum_base_micro, f.cum_micro FROM fa_rate r
  JOIN fa f ON f.rate_id=r.rate_id AND f.txn_seq=(SELECT MAX(txn_seq) FROM fa WHERE rate_id=r.rate_id)
  WHERE r.award_id=?`;
const CHANGES = 'SELECT * FROM award_change WHERE award_id=? ORDER BY change_id';
const REPORTS = 'SELECT * FROM award_report WHERE award_id=? ORDER BY period_end_day, kind';
const ENTRIES = 'SELECT * FROM entry WHERE award_id=? ORDER BY day, entry_id';

function sumOf(kind: string): string {
  return `COALESCE((SELECT p.amount_micro FROM ledger_account a JOIN balance p USING(la_id)
    WHERE a.kind='${kind}' AND a.owner_id=b.budget_id),0) ${kind}`;
}
const BUDGETS = `SELECT a.*, b.*, ${sumOf('free')}, ${sumOf('held')}, ${sumOf('spent')},
  ${sumOf('fa_held')}, ${sumOf('fa_spent')},
  (SELECT COUNT(*) FROM hold h WHERE h.state='open' AND h.budget_id=b.budget_id) holds
  FROM budget b JOIN account a USING(account_id) WHERE b.award_id=? ORDER BY a.name, b.rank`;

/** A correction belongs to the day of what it corrects: the rate of that day rules it. */
const SPENT = `SELECT b.budget_id, COALESCE(o.day,t.day) day, SUM(p.amount_micro) amount_micro
  FROM budget b JOIN ledger_account a ON a.owner_id=b.budget_id AND a.kind='spent'
  JOIN posting p ON p.la_id=a.la_id AND p.hold_id IS NULL JOIN txn t ON t.seq=p.txn_seq LEFT JOIN txn o ON o.seq=t.parent
  WHERE b.award_id=? GROUP BY 1,2 ORDER BY 1,2`;
/** Of an entry's transaction no line belongs to a budget. */
const BASES = `SELECT f.rate_id, x.budget_id, SUM(f.base_micro) base_micro FROM fa_rate r JOIN fa f USING(rate_id)
  LEFT JOIN (SELECT DISTINCT p.txn_seq, a.owner_id budget_id FROM fa g JOIN fa_rate q USING(rate_id)
    JOIN posting p ON p.txn_seq=g.txn_seq JOIN ledger_account a ON a.la_id=p.la_id AND a.kind IN('spent','fa_spent')
    WHERE q.award_id=?) x ON x.txn_seq=f.txn_seq
  WHERE r.award_id=? GROUP BY 1,2 ORDER BY 1,2`;
/** A reversed link moved nothing. */
const LINKED = `SELECT b.budget_id, SUM(p.amount_micro) amount_micro FROM txn t JOIN posting p ON p.txn_seq=t.seq
  JOIN ledger_account a ON a.la_id=p.la_id AND a.kind='free' JOIN budget b ON b.budget_id=a.owner_id
  LEFT JOIN txn r ON r.reverses=t.seq
  WHERE t.kind='transfer' AND t.cause IN('link','unlink') AND r.seq IS NULL AND b.award_id=? GROUP BY 1`;
const NEXT = `SELECT (SELECT COALESCE(MAX(award_id),0) FROM award)+1 award_id,
  (SELECT COALESCE(MAX(change_id),0) FROM award_change)+1 change_id,
  (SELECT COALESCE(MAX(rate_id),0) FROM fa_rate)+1 rate_id,
  (SELECT COALESCE(MAX(entry_id),0) FROM entry)+1 entry_id`;

function balanceOf(sql: Statements, kind: string, ownerId: number): Money {
  const cells = sql.get(BALANCE, kind, ownerId);
  return cells === undefined ? ZERO : micros(cells, 'amount_micro');
}

function moneyOf(sql: Statements, cells: SqlRow): BudgetAward {
  const award = awardTable.row(cells);
  return {
    award,
    left: balanceOf(sql, 'award', award.awardId),
    rates: sql.all(RATES, award.awardId).map(faRateTable.row),
    fa: sql.all(FA, award.awardId).map((row) => ({
      rateId: whole(row, 'rate_id'),
      cumBase: micros(row, 'cum_base_micro'),
      cum: micros(row, 'cum_micro'),
    })),
  };
}

/** What a payment from a budget of this grant looks at. */
export function awardMoney(sql: Statements, awardId: number): BudgetAward {
  return moneyOf(sql, sql.get(BY_ID, awardId) ?? {});
}

function awardBudget(cells: SqlRow): AwardBudget {
  // Of columns that both tables have (account_id) either says the same.
  return {
    budget: budgetTable.row(cells),
    accountName: text(cells, 'name'),
    account: accountTable.row(cells),
    free: micros(cells, 'free'),
    held: micros(cells, 'held'),
    spent: micros(cells, 'spent'),
    faHeld: micros(cells, 'fa_held'),
    faSpent: micros(cells, 'fa_spent'),
    openHoldCount: whole(cells, 'holds'),
    linked: ZERO,
  };
}

function spentOnDay(cells: SqlRow): SpentOnDay {
  return {
    budgetId: whole(cells, 'budget_id'),
    day: whole(cells, 'day'),
    amount: micros(cells, 'amount_micro'),
  };
}

function baseBooked(cells: SqlRow): BaseBooked {
  return {
    rateId: whole(cells, 'rate_id'),
    budgetId: cells['budget_id'] === null ? undefined : whole(cells, 'budget_id'),
    base: micros(cells, 'base_micro'),
  };
}

function budgetsOf(sql: Statements, id: number, { links }: AwardSelector): readonly AwardBudget[] {
  const budgets = sql.all(BUDGETS, id).map(awardBudget);
  if (links !== true) {
    return budgets;
  }
  const linked = new Map(
    sql
      .all(LINKED, id)
      .map((cells) => [whole(cells, 'budget_id'), micros(cells, 'amount_micro')] as const),
  );
  return budgets.map((each) => ({ ...each, linked: linked.get(each.budget.budgetId) ?? ZERO }));
}

function figuresOf(sql: Statements, cells: SqlRow, selector: AwardSelector): AwardFigures {
  const money = moneyOf(sql, cells);
  const id = money.award.awardId;
  const isRating = selector.rating === true;
  return {
    ...money,
    changes: sql.all(CHANGES, id).map(awardChangeTable.row),
    budgets: budgetsOf(sql, id, selector),
    external: balanceOf(sql, 'external', id),
    faExternal: balanceOf(sql, 'fa_external', id),
    reports: sql.all(REPORTS, id).map(awardReportTable.row),
    entries: selector.entries || isRating ? sql.all(ENTRIES, id).map(entryTable.row) : [],
    spentOnDays: isRating ? sql.all(SPENT, id).map(spentOnDay) : [],
    baseBooked: isRating ? sql.all(BASES, id, id).map(baseBooked) : [],
  };
}

/** Kept sums by day, and what entries booked. */
const DAYS = `SELECT day, SUM(v) amount_micro FROM (
  SELECT d.day, d.spent_micro+d.fa_micro v FROM budget b JOIN day_spend d USING(budget_id) WHERE b.award_id=?
  UNION ALL SELECT t.day, p.amount_micro FROM ledger_account a JOIN posting p ON p.la_id=a.la_id AND p.hold_id IS NULL
    JOIN txn t ON t.seq=p.txn_seq WHERE a.owner_id=? AND a.kind IN('external','fa_external'))
  GROUP BY day`;
const COMMITTED = `SELECT COALESCE(SUM(p.amount_micro),0) amount_micro FROM budget b JOIN ledger_account a
  ON a.owner_id=b.budget_id AND a.kind IN('held','fa_held') JOIN balance p USING(la_id) WHERE b.award_id=?`;

/** The award's periods: only where a hold must fit the current one. */
export function withPeriod(
  sql: Statements,
  money: BudgetAward,
  dayOf: (epochS: number) => number,
): BudgetAward {
  const { award } = money;
  const id = award.awardId;
  const changes = sql.all(CHANGES, id).map(awardChangeTable.row);
  const spending = sql.all(DAYS, id, id).map((cells) => ({
    day: whole(cells, 'day'),
    amount: micros(cells, 'amount_micro'),
  }));
  const committed = micros(sql.get(COMMITTED, id) ?? {}, 'amount_micro');
  return {
    ...money,
    period: { changes, plan: planWith({ award, changes }, dayOf), spending, committed },
  };
}

export function loadAwards(sql: Statements, selector: AwardSelector): AwardsView {
  const rows =
    selector.all === true
      ? sql.all(ALL)
      : sql.all(BY_NUMBER, JSON.stringify(selector.numbers ?? []));
  const next = sql.get(NEXT) ?? {};
  return {
    awards: rows.map((cells) => figuresOf(sql, cells, selector)),
    next: {
      awardId: whole(next, 'award_id'),
      changeId: whole(next, 'change_id'),
      rateId: whole(next, 'rate_id'),
      entryId: whole(next, 'entry_id'),
    },
  };
}
