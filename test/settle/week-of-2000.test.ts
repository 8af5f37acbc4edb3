import { expect, it } from 'vitest';
import { startSettleSite } from './support/settle-site.ts';
import { tallyOf } from './support/tally.ts';
import { Week } from './support/week.ts';

const SEED = Number(process.env['ASBB_TEST_SEED'] ?? 2026);
const JOBS = 2000;
const WEEK_S = 7 * 86_400;

it(`a random week of ${JOBS} jobs: bill and ledger agree to the micro-dollar`, {
  timeout: 1_800_000,
}, async () => {
  const site = await startSettleSite({ seed: SEED });
  const week = new Week(site, SEED, 24);
  await week.runJobs(JOBS, WEEK_S / JOBS);
  await week.finish();
  const { billed, ...tally } = await tallyOf(site);
  expect(tally, week.told.slice(-60).join('\n')).toEqual({
    ...{ live: [], openHolds: [], unsettled: 0n, held: 0n },
    ...{ paid: billed, laidToSite: 0n },
  });
  expect(week.told.filter((line) => line.startsWith('submit'))).toHaveLength(JOBS);
});
