import { expect, it } from 'vitest';
import { processDue } from '../../src/flows/steps/process-due.ts';
import { hotSite, submitted } from '../submit/hot-site.ts';
import { cliSite } from '../support/cli.ts';
import { sumsOf } from '../support/policy.ts';
import { seedSchedule, stateOf } from '../support/schedules.ts';

const DAY_S = 86_400;
/** The clock stands at 2026-11-21 12:00. */
const TERMS = { total: '500', amount: '5', frequency: 'daily', start: '2026-11-21' } as const;
/** An hour on a node of aws: 1 $. */
const HOURS = { account: 'ml-7', partition: 'aws', time_limit: 60 };

it('posts what is due only when a hold would be refused for lack of money', async () => {
  const site = await hotSite();
  const { ledger, clock } = site.books;
  await seedSchedule(ledger, TERMS);
  clock.forward(2 * DAY_S);
  expect((await site.ask(submitted({ ...HOURS, time_limit: 240 }))).kind).toBe('admitted');
  expect(await stateOf(ledger)).toBe('active 5/500 next 2026-11-22');
  expect((await site.ask(submitted({ ...HOURS, time_limit: 600 }))).kind).toBe('admitted');
  expect(await stateOf(ledger)).toBe('active 15/500 next 2026-11-24');
  expect(await sumsOf(ledger, 'ml-7')).toBe('15 0 14 1');
  expect(await site.ask(submitted({ ...HOURS, time_limit: 600 }))).toMatchObject({
    code: 'INSUFFICIENT_BUDGET',
  });
});

it('posts what is due to an ancestor as well', async () => {
  const site = await hotSite();
  const { ledger, clock } = site.books;
  await seedSchedule(ledger, { ...TERMS, name: 'dept' });
  await seedSchedule(ledger, { ...TERMS, amount: '50', parent: 'dept' });
  clock.forward(DAY_S);
  expect((await site.ask(submitted({ ...HOURS, time_limit: 480 }))).kind).toBe('admitted');
  expect(await stateOf(ledger, 1)).toBe('active 10/500 next 2026-11-23');
});

it('leaves a site alone that wants its allocations by hand', async () => {
  const site = await hotSite({ allocations: { auto_process: false } });
  const { ledger, clock } = site.books;
  await seedSchedule(ledger, TERMS);
  clock.forward(2 * DAY_S);
  expect(await site.ask(submitted({ ...HOURS, time_limit: 600 }))).toMatchObject({
    code: 'INSUFFICIENT_BUDGET',
  });
  expect(await stateOf(ledger)).toBe('active 5/500 next 2026-11-22');
});

it('is a step of maintain, not more often than its interval', async () => {
  const site = await hotSite();
  const { ledger, clock } = site.books;
  const ports = { ...site.ports, settings: site.settings };
  await seedSchedule(ledger, TERMS);
  expect(await processDue(ports)).toBe('0 allocations posted');
  clock.forward(3540);
  expect(await processDue(ports)).toBeUndefined();
  clock.forward(DAY_S);
  expect(await processDue(ports)).toBe('1 allocation posted');
  expect(await stateOf(ledger)).toBe('active 10/500 next 2026-11-23');
});

it('ends with its account: erased when nothing was posted, else cancelled by force', async () => {
  const site = await cliSite();
  const create = [
    ...'account create --name X --incremental --allocation-amount 5'.split(' '),
    ...'--allocation-frequency daily --end 2027-12-31'.split(' '),
  ];
  await site.ok(...create, '--account', 'ml-7', '--start', '2027-01-01', '--total-budget', '5');
  await site.ok(...create, '--account', 'ml-8', '--start', '2026-11-01', '--total-budget', '50');
  expect(await site.ok('account', 'delete', 'ml-7')).toContain('erased');
  expect(await site.ok('account', 'delete', 'ml-8', '--force')).toContain('closed');
  const statuses = site.raw('SELECT schedule_id, status FROM schedule');
  expect(statuses).toEqual([{ schedule_id: 2n, status: expect.stringMatching(/^c/u) }]);
  await site.ok('ledger', 'verify');
  site.close();
});
