import { afterEach, expect, it, vi } from 'vitest';
import { TransactionList } from '../../schema/output/transaction.ts';
import { clockSite, type GrantSite, run } from '../reports/grant-site.ts';

// Costs of earlier work come for 120 days after the end of a grant; later ones are a person's decision
// (budget.md 8.6).

let site: GrantSite | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  site?.close();
});

/** A grant that ends with June, and two runs of its account in its last days that nobody has settled. */
async function twoRuns(): Promise<GrantSite> {
  const made = clockSite();
  made.goTo('2025-01-02');
  await made.ok('ledger', 'migrate');
  const days = ['--start', '2025-01-01', '--end', '2025-06-30'];
  await made.ok(
    ...['grant', 'create', '--number', 'A1', '--agency', 'NSF', '--pi', 'A', '--institution', 'U'],
    ...['--amount', '1000', ...days],
  );
  await made.ok(
    ...['account', 'create', '--account', 'ml', '--name', 'ml', '--budget', '500', ...days],
    ...['--grant', 'A1'],
  );
  const rest = { user: 'ada', partition: 'aws', hold: '100', account: 'ml' };
  await run(made, { ...rest, day: '2025-06-29', token: 'a' });
  await run(made, { ...rest, day: '2025-06-30', token: 'b' });
  return made;
}

it('reconcile after the liquidation period needs --force and is flagged', async () => {
  site = await twoRuns();
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

it('the liquidation period is a setting; corrections that add costs need --force after it', async () => {
  vi.stubEnv('ASBB_GRANT_MANAGEMENT_LIQUIDATION_DAYS', '10');
  site = await twoRuns();
  const [first, second] = ['a', 'b'].map((name) => String(1000 + name.charCodeAt(0)));
  site.goTo('2025-07-10'); // the 10th day
  await site.ok('reconcile', first ?? '', '--actual-cost', '50');
  const charges = await site.json('transactions', 'list', '--type', 'charge');
  const id = TransactionList.parse(charges)[0]?.transaction_id ?? '';
  await site.ok('transactions', 'adjust', id, '--amount', '1', '--reason', 'bill');
  site.goTo('2025-07-11');
  const reason = ['--reason', 'bill'];
  for (const args of [
    ['reconcile', second ?? '', '--actual-cost', '50'],
    ['transactions', 'adjust', id, '--amount', '1', ...reason],
    ['account', 'adjust', 'ml', '--amount', '1', ...reason],
  ]) {
    const { code, stderr } = await site.asbb(...args);
    expect([args[0], code, stderr]).toEqual([
      args[0],
      3,
      expect.stringContaining('grant A1 ended more than 10 days ago'),
    ]);
  }
  const flagged = "SELECT kind FROM txn WHERE cause='after_liquidation' ORDER BY seq";
  expect(site.raw(flagged)).toEqual([]);
  await site.ok('transactions', 'adjust', id, '--amount', '1', ...reason, '--force');
  await site.ok('account', 'adjust', 'ml', '--amount', '1', ...reason, '--force');
  expect(site.raw(flagged)).toEqual([{ kind: 'adjust' }, { kind: 'adjust' }]);
  // What is given back is taken at any time.
  await site.ok('transactions', 'refund', id, '--amount', '2', ...reason);
  await site.ok('transactions', 'adjust', id, '--amount', '-2', ...reason);
  expect((await site.asbb('ledger', 'verify')).code).toBe(0);
});
