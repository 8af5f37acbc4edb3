import type { GrantCost } from '../../core/grant/outline.ts';
import { ZERO } from '../../core/money/money.ts';
import type { GrantFilter, GrantReport } from '../../ports/reports.ts';
import { micros, text, whole } from './cells.ts';
import { Statements } from './statements.ts';
import { loadAwards } from './view-awards.ts';

// What lists and shows of grants read: the award's figures and the sums kept a day, in one transaction.

const NUMBERS = 'SELECT number FROM award ORDER BY number';
export const DAYS = `SELECT day, SUM(direct) direct, SUM(fa) fa, SUM(outside) outside FROM (
  SELECT d.day, d.spent_micro direct, d.fa_micro fa, 0 outside
    FROM budget b JOIN day_spend d USING(budget_id) WHERE b.award_id=?
  UNION ALL SELECT t.day, 0, (a.kind='fa_external')*p.amount_micro, (a.kind='external')*p.amount_micro
    FROM ledger_account a CROSS JOIN posting p ON p.la_id=a.la_id AND p.hold_id IS NULL JOIN txn t ON t.seq=p.txn_seq
    WHERE a.owner_id=? AND a.kind IN('external','fa_external'))
  GROUP BY day ORDER BY day`;

/** What the recipient bears of the charges. */
export const SHARED = `SELECT COALESCE(SUM(c.recipient_micro+c.recipient_fa_micro),0) shared FROM (
    SELECT DISTINCT p.txn_seq FROM budget b CROSS JOIN ledger_account a ON a.owner_id=b.budget_id AND a.kind IN('spent','fa_spent')
      CROSS JOIN posting p ON p.la_id=a.la_id AND p.hold_id IS NULL
    WHERE EXISTS(SELECT 1 FROM cost_share) AND b.award_id=?) s CROSS JOIN cost_share c ON c.txn_seq=s.txn_seq`;

type Database = ConstructorParameters<typeof Statements>[0];

function daysOf(sql: Statements, awardId: number): readonly GrantCost[] {
  return sql.all(DAYS, awardId, awardId).map((row) => ({
    day: whole(row, 'day'),
    direct: micros(row, 'direct'),
    fa: micros(row, 'fa'),
    outside: micros(row, 'outside'),
  }));
}

/** Newest first. */
export function grantReports(db: Database, filter: GrantFilter): readonly GrantReport[] {
  const sql = new Statements(db);
  const { numbers, entries = false, days = false } = filter;
  const selector = numbers === undefined ? { all: true } : { numbers };
  const { awards } = loadAwards(sql, { ...selector, entries });
  return awards
    .map((figures) => ({
      figures,
      days: days ? daysOf(sql, figures.award.awardId) : [],
      shared: days ? micros(sql.get(SHARED, figures.award.awardId) ?? {}, 'shared') : ZERO,
    }))
    .toSorted(({ figures: a }, { figures: b }) => b.award.awardId - a.award.awardId);
}

export function grantNumbers(db: Database): readonly string[] {
  return new Statements(db).all(NUMBERS).map((row) => text(row, 'number'));
}
