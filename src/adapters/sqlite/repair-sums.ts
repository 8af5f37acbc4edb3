import type { Cell } from './cells.ts';
import { JOB_DAYS } from './job-days.ts';
import { type Actor, appendJournal, bodyText } from './journal.ts';
import type { Statements } from './statements.ts';

const OF_BUDGET = `a.kind IN('held','spent') OR (g.basis='total' AND a.kind IN('fa_held','fa_spent'))`;

/** Every kept sum, made anew from the postings (the other side of reliability.md I2). */
const SUMS: Readonly<Record<string, string>> = {
  balance: 'SELECT la_id, SUM(amount_micro) FROM posting GROUP BY la_id',
  partition_balance: `SELECT la_id, partition, SUM(amount_micro) FROM posting WHERE partition<>''
    GROUP BY la_id, partition`,
  day_spend: `SELECT a.owner_id, t.day, p.partition, SUM((a.kind='spent')*p.amount_micro),
      SUM((a.kind='fa_spent')*p.amount_micro)
    FROM posting p JOIN txn t ON t.seq=p.txn_seq JOIN ledger_account a USING(la_id)
    WHERE a.kind IN('spent','fa_spent') GROUP BY 1,2,3`,
  below: `WITH RECURSIVE up(acc,top) AS (SELECT account_id, parent_id FROM account WHERE parent_id IS NOT NULL
      UNION SELECT up.acc, a.parent_id FROM up JOIN account a ON a.account_id=up.top WHERE a.parent_id IS NOT NULL)
    SELECT up.top, SUM((a.kind IN('held','fa_held'))*p.amount_micro),
      SUM((a.kind IN('spent','fa_spent'))*p.amount_micro)
    FROM up JOIN budget g ON g.account_id=up.acc JOIN ledger_account a ON a.owner_id=g.budget_id AND (${OF_BUDGET})
      JOIN posting p USING(la_id) GROUP BY up.top`,
  job_day: JOB_DAYS,
};

/** A sum of nothing may be there as 0 or not at all. */
const NOT_ZERO: Readonly<Record<string, string>> = {
  balance: 'amount_micro<>0',
  partition_balance: 'amount_micro<>0',
  day_spend: 'spent_micro<>0 OR fa_micro<>0',
  below: 'held_micro<>0 OR spent_micro<>0',
  job_day: 'jobs<>0',
};

/** Kept sums that differ from the postings, counted once for what stands and once for what should. */
function differing(sql: Statements, table: string, select: string): number {
  const kept = `SELECT * FROM ${table} WHERE ${NOT_ZERO[table]}`;
  const names = sql.columns(`SELECT * FROM ${table}`).join();
  const made = `SELECT * FROM (WITH made(${names}) AS (${select}) SELECT * FROM made WHERE ${NOT_ZERO[table]})`;
  return sql.all(`${kept} EXCEPT ${made}`).length + sql.all(`${made} EXCEPT ${kept}`).length;
}

/** Inside the caller's transaction. Postings are never touched; the journal says that it was done. */
export function rewriteSums(
  sql: Statements,
  { actor, atUs, verb }: { readonly actor: Actor; readonly atUs: number; readonly verb: string },
): number {
  let total = 0;
  const args: Record<string, Cell & number> = {};
  for (const [table, select] of Object.entries(SUMS)) {
    const count = differing(sql, table, select);
    if (count > 0) {
      sql.run(`DELETE FROM ${table}`);
      sql.run(`INSERT INTO ${table} ${select}`);
    }
    args[table] = count;
    total += count;
  }
  if (total > 0) {
    const body = bodyText({ args: { differing: args }, outcome: 'ok' });
    appendJournal(sql, actor, [{ atUs, verb, txnSeq: null, body }]);
  }
  return total;
}
