import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotSite, submitted, updated } from '../submit/hot-site.ts';
import { type CliSite, cliSite } from '../support/cli.ts';
import { seedSchedule, stateOf } from '../support/schedules.ts';

const DAY_S = 86_400;

// A missed cron never refuses a job wrongly (budget.md 6.3), whoever asks.

describe('asbb check', () => {
  let site: CliSite;
  const schedule = [
    ...'--incremental --total-budget 400 --allocation-frequency monthly'.split(' '),
    ...'--start 2026-11-21 --end 2027-12-31 --name X --account'.split(' '),
  ];
  const job = ['--account', 'ml-7', '--partition', 'cpu', '--estimated-cost'];

  beforeAll(async () => {
    site = await cliSite();
    const create = ['account', 'create', ...schedule];
    await site.ok(...create, 'dept', '--allocation-amount', '110');
    await site.ok(...create, 'ml-7', '--allocation-amount', '100', '--parent', 'dept');
    site.forward(31 * DAY_S); // 2026-12-22: each had its second date
  });
  afterAll(() => site.close());

  function posted(): readonly object[] {
    return site.raw("SELECT seq FROM txn WHERE kind='allocate'");
  }

  it('with --dry-run answers as if what is due were posted, and posts nothing', async () => {
    const before = posted();
    expect(await site.json('check', ...job, '150', '--dry-run')).toMatchObject({
      available: true,
      budget_remaining: 20,
      details: { account_balance: 200 },
    });
    const short = await site.asbb('check', ...job, '184', '--dry-run', '--json');
    expect([short.code, JSON.parse(short.stdout)]).toMatchObject([10, { budget_remaining: 200 }]);
    const quick = await site.ok(
      'quick-check',
      ...job.slice(0, 4),
      '--cpus',
      '150',
      '--time',
      '10h',
    );
    expect(quick).toContain('OK');
    expect(posted()).toEqual(before);
  });

  it('posts it, also of the accounts above, and then holds', async () => {
    expect(await site.json('check', ...job, '150')).toMatchObject({
      available: true,
      budget_remaining: 20,
    });
    expect(posted()).toHaveLength(4);
    await site.ok('ledger', 'verify');
  });
});

it('an update of a job that costs more than is there, but not more than is due', async () => {
  const site = await hotSite();
  const { ledger, clock } = site.books;
  await seedSchedule(ledger, {
    ...{ name: 'physics', total: '500', amount: '5', frequency: 'daily', start: '2026-11-21' },
  });
  const answer = await site.ask(submitted({ time_limit: 240 }));
  expect(answer.kind).toBe('admitted');
  clock.forward(DAY_S);
  const token = 'token' in answer ? answer.token : '';
  const job = { admin_comment: `asbb:hold=${token}`, time_limit: 240 };
  expect(await site.ask(updated(job, { time_limit: 600 }))).toEqual({ kind: 'admitted' });
  expect(await stateOf(ledger)).toBe('active 10/500 next 2026-11-23');
  expect(await site.ask(updated(job, { time_limit: 660 }))).toMatchObject({
    code: 'INSUFFICIENT_BUDGET',
  });
});
