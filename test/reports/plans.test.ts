import { expect, it } from 'vitest';
import {
  BY_BUDGET,
  BY_DAY,
  CHARGES,
  EXTERNAL_DAYS,
  EXTERNALS,
  JOBS,
  RATES,
} from '../../src/adapters/sqlite/award-books-sql.ts';
import { temporaryLedger } from '../support/ledger.ts';

/** A report on one grant after a million transactions: none of them may be walked through. */
const NEVER =
  /^(?:SCAN (?:p|t|posting|txn)\b|SEARCH p USING INDEX sqlite_autoindex_posting_1 \(txn_seq<\?\))/u;

/** Of one award and its budgets. What is read from the journal's images is asked for rarely. */
const OF_A_GRANT = { BY_DAY, BY_BUDGET, CHARGES, EXTERNALS, EXTERNAL_DAYS, JOBS, RATES };

it.each(Object.entries(OF_A_GRANT))('%s finds the lines of a grant by an index', async (_, sql) => {
  const db = (await temporaryLedger()).raw();
  const names = [...sql.matchAll(/\$(\w+)/gu)].map(([, each]) => [each ?? '', 1] as const);
  const plan = db.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const steps = plan.all(Object.fromEntries(names)).map(({ detail }) => detail);
  db.close();
  expect(steps.length).toBeGreaterThan(1);
  expect(steps.filter((step) => NEVER.test(step))).toEqual([]);
});
