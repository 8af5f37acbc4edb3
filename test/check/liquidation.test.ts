import { afterEach, expect, it } from 'vitest';
import { clockSite, type GrantSite, run } from '../reports/grant-site.ts';

// Costs of earlier work come for 120 days after the end of a grant; later ones are a person's decision
// (budget.md 8.6).

let site: GrantSite | undefined;
afterEach(() => site?.close());

it('reconcile after the liquidation period needs --force and is flagged', async () => {
  site = clockSite();
  site.goTo('2025-01-02');
  await site.ok('ledger', 'migrate');
  const days = ['--start', '2025-01-01', '--end', '2025-06-30'];
  await site.ok(
    ...['grant', 'create', '--number', 'A1', '--agency', 'NSF', '--pi', 'A', '--institution', 'U'],
    ...['--amount', '1000', ...days],
  );
  await site.ok(
    ...['account', 'create', '--account', 'ml', '--name', 'ml', '--budget', '500', ...days],
    ...['--grant', 'A1'],
  );
  const rest = { user: 'ada', partition: 'aws', hold: '100', account: 'ml' };
  await run(site, { ...rest, day: '2025-06-29', token: 'a' });
  await run(site, { ...rest, day: '2025-06-30', token: 'b' });
  site.goTo('2025-10-28'); // the 120th day
  await site.ok('reconcile', String(1000 + 'a'.charCodeAt(0)), '--actual-cost', '50');
  site.goTo('2025-10-29');
  const job = String(1000 + 'b'.charCodeAt(0));
  const late = await site.asbb('reconcile', job, '--actual-cost', '50');
  expect([late.code, late.stderr]).toEqual([
    3,
    expect.stringContaining('grant A1 ended more than 120 days ago'),
  ]);
  expect(site.raw("SELECT 1 FROM hold WHERE state='open'")).toHaveLength(1);
  await site.ok('reconcile', job, '--actual-cost', '50', '--force');
  expect(site.raw("SELECT 1 FROM txn WHERE cause='after_liquidation'")).toHaveLength(1);
  const report = await site.ok(
    'grant',
    'report',
    'A1',
    '--end',
    '2025-12-31',
    '--explain',
    '--wide',
  );
  expect(report).toContain('charge (after_liquidation) of ml');
});
