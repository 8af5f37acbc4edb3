import type { SumDifference } from '../../ports/ledger-care.ts';
import { micros, text } from './cells.ts';
import type { Statements } from './statements.ts';

/** Kept sums beside what the postings add up to, where they differ (I2, by account). */
const DIFFERENCES = `
WITH RECURSIVE up(acc,top) AS (SELECT account_id, parent_id FROM account WHERE parent_id IS NOT NULL
  UNION SELECT up.acc, a.parent_id FROM up JOIN account a ON a.account_id=up.top WHERE a.parent_id IS NOT NULL),
owned AS (SELECT a.la_id, a.kind, g.basis, g.account_id FROM ledger_account a JOIN budget g ON g.budget_id=a.owner_id
  WHERE a.kind IN('free','held','spent','fa_held','fa_spent')),
both(account_id,what,kept,counted) AS (
  SELECT o.account_id, o.kind, b.amount_micro, 0 FROM balance b JOIN owned o USING(la_id)
  UNION ALL SELECT o.account_id, o.kind, 0, p.amount_micro FROM posting p JOIN owned o USING(la_id)
  UNION ALL SELECT o.account_id, o.kind||' on '||b.partition, b.amount_micro, 0 FROM partition_balance b JOIN owned o USING(la_id)
  UNION ALL SELECT o.account_id, o.kind||' on '||p.partition, 0, p.amount_micro FROM posting p JOIN owned o USING(la_id)
    WHERE p.partition<>''
  UNION ALL SELECT account_id, 'held below', held_micro, 0 FROM below
  UNION ALL SELECT account_id, 'spent below', spent_micro, 0 FROM below
  UNION ALL SELECT up.top, CASE WHEN o.kind IN('held','fa_held') THEN 'held below' ELSE 'spent below' END, 0, p.amount_micro
    FROM posting p JOIN owned o USING(la_id) JOIN up ON up.acc=o.account_id
    WHERE o.kind IN('held','spent') OR (o.basis='total' AND o.kind IN('fa_held','fa_spent')))
SELECT n.name, what, SUM(kept) kept, SUM(counted) counted FROM both JOIN account n USING(account_id)
GROUP BY account_id, what HAVING SUM(kept)<>SUM(counted) ORDER BY n.name, what`;

/** Of one account, or of all. */
export function compareSums(sql: Statements, account?: string): readonly SumDifference[] {
  return sql
    .all(DIFFERENCES)
    .map((row) => ({
      account: text(row, 'name'),
      what: text(row, 'what'),
      kept: micros(row, 'kept'),
      counted: micros(row, 'counted'),
    }))
    .filter((difference) => account === undefined || difference.account === account);
}
