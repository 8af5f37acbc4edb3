import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type CliSite, cliSite } from '../support/cli.ts';

// The clock stands at 2026-11-21 12:00 UTC. In Chile clocks go forward at midnight of 2026-09-06 and
// back at midnight of 2027-04-04: dates and times that people read are those of their wall.

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
let site: CliSite;

function words(text: string): readonly string[] {
  return text.split(' ');
}

beforeAll(async () => {
  site = await cliSite();
  const tree = parse(readFileSync(site.config, 'utf8'));
  const zone = { ...tree.site, timezone: 'America/Santiago' };
  writeFileSync(site.config, stringify({ ...tree, site: zone }));
  site.forward(14 * HOUR_S); // 2026-11-22 02:00 UTC, 2026-11-21 23:00 in Chile
  await site.ok(
    ...words('account create --account ml-7 --name ML --budget 20 --start 2026-11-21'),
    ...words('--end 2027-12-31 --incremental --total-budget 40 --allocation-amount 5'),
    ...words('--allocation-frequency yearly'),
  );
});
afterAll(() => site.close());

it('tables say the day and the time of the site', async () => {
  expect(await site.ok('account', 'show', 'ml-7')).toContain('Created:  2026-11-21 23:00:00');
  expect(await site.ok('allocations', 'show', '1')).toContain('2026-11-21 23:00:00');
  const list = ['transactions', 'list', '--all'];
  const rows = (await site.ok(...list)).trimEnd().split('\n').slice(1);
  expect(rows.map((row) => row.slice(-10))).toEqual(['2026-11-21', '2026-11-21']);
  const day = ['--start', '2026-11-21', '--end', '2026-11-21'];
  expect(await site.ok(...list, ...day)).toBe(await site.ok(...list));
  expect(await site.ok('transactions', 'show', 'txn_1')).toMatch(/Created: +2026-11-21 23:00:00/u);
});

it('JSON says instants in UTC', async () => {
  expect(await site.json('account', 'show', 'ml-7')).toMatchObject({
    start_date: '2026-11-21T03:00:00Z',
    end_date: '2028-01-01T02:59:59Z',
    created_at: '2026-11-22T02:00:00.000Z',
    is_grant_funded: false,
    grant_id: null,
    grant_budget_period_id: null,
  });
});

it('--last counts days of the calendar, not 24 hours', async () => {
  site.forward(24 * HOUR_S + 50 * 60); // the day after, 23:50
  const list = ['transactions', 'list', '--all', '--last'];
  expect(await site.json(...list, '1d')).toHaveLength(2);
  site.forward(20 * 60);
  expect(await site.json(...list, '1d')).toEqual([]);
  expect(await site.json(...list, '1w')).toHaveLength(2);
});

it('an end that is the start is none, but one date makes a day', async () => {
  const create = words(
    'account create --account one --name X --budget 1 --start 2026-11-21T10:00:00Z',
  );
  const done = await site.asbb(...create, '--end', '2026-11-21T10:00:00Z');
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining('the end is the start')]);
  expect(await site.ok('account', 'list')).not.toContain('one ');
});

it('a midnight that does not exist is the first second of the day', async () => {
  await site.ok(
    ...words('allocations create --account ml-7 --total-budget 9 --allocation-amount 3'),
    ...words('--allocation-frequency monthly --start 2027-09-05'),
  );
  site.forward(287 * DAY_S - 70 * 60); // 2027-09-06 02:00 UTC, the 5th in Chile
  await site.ok('allocations', 'process');
  const shown = await site.ok('allocations', 'show', '2');
  expect(shown).toMatch(/^2027-09-05 +\$3\.00 /mu);
  await site.ok(
    ...words('account create --account ml-8 --name X --start 2027-09-05 --end 2027-09-05'),
    ...words('--budget 1'),
  );
  expect(await site.json('account', 'show', 'ml-8')).toMatchObject({
    start_date: '2027-09-05T04:00:00Z', // 01:00 in Chile: there is no 00:00
    end_date: '2027-09-06T02:59:59Z',
  });
});
