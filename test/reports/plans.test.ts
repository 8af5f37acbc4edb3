import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import { expect, it } from 'vitest';
import {
  BY_BUDGET,
  BY_DAY,
  BY_SPAN,
  CHARGED_LATER,
  CHARGES,
  EXTERNAL_DAYS,
  EXTERNALS,
  JOBS,
  RATES,
  RECIPIENTS,
} from '../../src/adapters/sqlite/award-books-sql.ts';
import { DAYS, SHARED } from '../../src/adapters/sqlite/report-grants.ts';
import { openHolds } from '../../src/adapters/sqlite/sqlite-reports.ts';
import { ACCOUNTS, JOBS as COUNTS } from '../../src/adapters/sqlite/usage-rows.ts';
import { temporaryLedger } from '../support/ledger.ts';

const OPEN_HOLDS = new SQLiteSyncDialect().sqlToQuery(openHolds('a')).sql;

/** A report on one grant after a million transactions: none of them may be walked through. */
const NEVER =
  /^(?:SCAN (?:p|t|h|hold|posting|txn|cost_share)\b(?! EXISTS)|SEARCH p USING INDEX sqlite_autoindex_posting_1 \(txn_seq<\?\)|SEARCH a .*\(kind=\?\)$)/u;

/** Of one award and its budgets. What is read from the journal's images is asked for rarely. */
const OF_A_GRANT = {
  ...{ BY_DAY, BY_SPAN, BY_BUDGET, CHARGED_LATER, CHARGES, EXTERNALS, EXTERNAL_DAYS, JOBS, RATES },
  ...{ RECIPIENTS, 'grant show: days': DAYS, 'grant show: cost share': SHARED },
  'account show: holds': `SELECT * FROM hold WHERE ${OPEN_HOLDS} ORDER BY hold_id DESC LIMIT 20`,
  ...{ 'usage summary: accounts': ACCOUNTS, 'usage summary: jobs': COUNTS },
};

it.each(Object.entries(OF_A_GRANT))('%s finds its lines by an index', async (_, sql) => {
  const db = (await temporaryLedger()).raw();
  const names = [...sql.matchAll(/\$(\w+)/gu)].map(([, each]) => [each ?? '', 1] as const);
  const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const unnamed = [...sql.matchAll(/\?/gu)].map(() => 1);
  const steps = plan.all(...unnamed, Object.fromEntries(names)).map(({ detail }) => detail);
  db.close();
  expect(steps.length).toBeGreaterThan(1);
  expect(steps.filter((step) => NEVER.test(step))).toEqual([]);
});
