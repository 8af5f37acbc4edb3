import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobSubmissionList } from '../../schema/output/submission.ts';
import { type CliSite, cliSite } from '../support/cli.ts';
import { place, tryCharge } from '../support/policy.ts';

const YEAR = ['--start', '2026-01-01', '--end', '2026-12-31'];
const SUBMIT_S = 1_795_262_000;
let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  for (const name of ['ml-7', 'bio']) {
    await site.ok(
      'account',
      'create',
      '--account',
      name,
      '--name',
      name,
      '--budget',
      '900',
      ...YEAR,
    );
  }
  const ledger = site.ledger();
  const run = { arrayTask: -1, submitS: SUBMIT_S, restart: 0 };
  const asked = { account: 'ml-7', userName: 'ada', partitions: ['cpu'], task: '12' };
  const pricing = JSON.stringify({ by: 'check', estimate: '10000000', unlearned: '10000000' });
  const done = await place(ledger, { ...asked, pricing, run: { ...run, jobId: 1 } });
  await tryCharge(ledger, done, '7.5');
  await place(ledger, { ...asked, run: { ...run, jobId: 2 } });
  const given = await place(ledger, { ...asked, userName: 'bob', account: 'bio' });
  await site.ok('hold', 'release', `txn_${given}`);
  const again = { ...run, jobId: 1, restart: 1, submitS: SUBMIT_S + 60 };
  const second = await place(ledger, { ...asked, run: again });
  await tryCharge(ledger, second, '2');
  await site.ok('reconcile', '1', '--actual-cost', '3', '--amend');
});
afterAll(() => {
  site.close();
});

async function shown(...args: readonly string[]): Promise<readonly string[]> {
  const rows = JobSubmissionList.parse(await site.json('hold', 'list', ...args));
  return rows.map(
    ({ id, job_id, restart_count, user_id, actual_cost, status }) =>
      `${id} ${job_id}.${restart_count} ${user_id} ${actual_cost} ${status}`,
  );
}

const RUNS = [
  '4 1.1 ada 3 completed',
  '3 null.0 bob null cancelled',
  '2 2.0 ada null submitted',
  '1 1.0 ada 7.5 completed',
];

it('1.4: one row a run, newest first, with what it was estimated at, held for and cost', async () => {
  expect(await shown()).toEqual(RUNS);
  const [first] = JobSubmissionList.parse(
    await site.json('hold', 'list', '--job', '1', '--offset', '1'),
  );
  expect(first).toMatchObject({
    job_id: '1',
    account: 'ml-7',
    estimated_cost: 10,
    hold_amount: 12,
    submitted_at: '2026-11-21T11:53:20Z',
    started_at: null,
  });
  expect(first?.charge_transaction_id).toMatch(/^txn_\d+$/u);
  const text = await site.ok('hold', 'list');
  expect(text).toMatch(/^JOB +ACCOUNT +USER +PARTITION +HELD +COST +STATUS +SUBMITTED\n/u);
  expect(text.split('\n').every(({ length }) => length <= 80)).toBe(true);
});

it('1.4: by account, user, job and status, page by page', async () => {
  expect(await shown('--account', 'bio')).toEqual([RUNS[1]]);
  expect(await shown('--user', 'ada')).toEqual([RUNS[0], RUNS[2], RUNS[3]]);
  expect(await shown('--job', 'job_1')).toEqual([RUNS[0], RUNS[3]]);
  expect(await shown('--status', 'completed', '--limit', '1')).toEqual([RUNS[0]]);
  expect(await shown('--status', 'completed', '--offset', '1')).toEqual([RUNS[3]]);
  expect(await shown('--limit', '2', '--offset', '1')).toEqual(RUNS.slice(1, 3));
  expect(await site.ok('hold', 'list', '--status', 'failed')).toBe('No jobs found.\n');
  for (const [args, code] of [
    [['--status', 'over'], 2],
    [['--job', 'x'], 2],
    [['--account', 'ml7'], 3],
  ] as const) {
    expect((await site.asbb('hold', 'list', ...args)).code).toBe(code);
  }
});
