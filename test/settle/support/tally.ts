import { expect } from 'vitest';
import type { SettleSite } from './settle-site.ts';

/**
 * The week is over: nothing runs, nothing is held, and the bill of the fake is what the ledger charged and
 * what it laid to the site's own account, to the micro-dollar. That second part is answered.
 */
export async function expectTally(site: SettleSite, story: string): Promise<bigint> {
  expect(await site.fake.live(), story).toEqual([]);
  const { spent, held } = site.booked();
  const db = site.books.raw();
  const row = db
    .prepare('SELECT COALESCE(SUM(amount_micro),0) v FROM share WHERE budget_id IS NULL')
    .get() as { v: bigint }; // safe integers are on
  const unsettled = db
    .prepare('SELECT COUNT(*) v FROM share WHERE budget_id IS NOT NULL AND txn_seq IS NULL')
    .get();
  const open = db
    .prepare("SELECT token, job_id, submit_s, restart FROM hold WHERE state='open'")
    .all();
  db.close();
  expect(open, story).toEqual([]);
  expect(unsettled, story).toEqual({ v: 0n });
  expect({ paid: spent + row.v, held }, story).toEqual({ paid: await site.billed(), held: 0n });
  return row.v;
}
