import { expect, it } from 'vitest';
import { startSettleSite } from './support/settle-site.ts';
import { Week } from './support/week.ts';

const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 1);
const FIRST_SEED = Number(process.env['ASBB_TEST_SEED'] ?? 1);
const POLICIES: readonly Readonly<Record<string, string>>[] = [
  {},
  { charge_idle: 'pool', pool_account: 'chem' },
  { charge_idle: 'none', aborted_attempts: 'site' },
];
const WEEKS = Array.from({ length: 6 * SCALE }, (_, at) => ({
  seed: FIRST_SEED + at,
  cost: POLICIES[at % POLICIES.length] ?? {},
}));

// Bill of the fake = spent in the ledger, whatever happened (reliability.md 3, common condition c).
it.each(WEEKS)('week $seed, $cost', { timeout: 120_000 }, async ({ seed, cost }) => {
  const site = await startSettleSite({ seed, settings: { cost } });
  const week = new Week(site, seed);
  await week.run(45);
  await week.finish();
  const story = week.told.join('\n');
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
  if (cost['charge_idle'] !== 'none') {
    expect(row.v, story).toBe(0n);
  }
});
