import { expect, it } from 'vitest';
import { startSettleSite } from './support/settle-site.ts';
import { tallyOf } from './support/tally.ts';
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
  const { billed, laidToSite, ...tally } = await tallyOf(site);
  expect(tally, story).toEqual({ live: [], openHolds: [], unsettled: 0n, held: 0n, paid: billed });
  if (cost['charge_idle'] !== 'none') {
    expect(laidToSite, story).toBe(0n);
  }
});
