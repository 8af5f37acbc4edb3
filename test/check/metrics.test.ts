import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TransactionList } from '../../schema/output/transaction.ts';
import { prometheusText } from '../../src/core/metrics/prometheus.ts';
import { type CliSite, cliSite } from '../support/cli.ts';
import { place, tryCharge } from '../support/policy.ts';

const YEAR = ['--start', '2026-01-01', '--end', '2026-12-31'];
let site: CliSite;

/** Every kind of row that the books can show. */
beforeAll(async () => {
  site = await cliSite();
  const make = ['account', 'create', '--name', 'ML', ...YEAR];
  await site.ok(...make, '--account', 'ml-7', '--budget', '1000');
  await site.ok(...make, '--account', 'ml-8', '--budget', '100', '--parent', 'ml-7');
  const plan = ['--incremental', '--total-budget', '120', '--allocation-amount', '10'];
  await site.ok(...make, '--account', 'inc', ...plan, '--allocation-frequency', 'monthly');
  await site.ok('account', 'transfer', 'ml-7', 'ml-8', '--amount', '5', '--reason', 'loan');
  const deposit = ['account', 'deposit', 'ml-7', '--amount', '20', '--json'];
  await site.ok(...deposit);
  const ledger = site.ledger();
  const asked = { account: 'ml-7', partitions: ['cpu'] };
  const token = await place(ledger, { ...asked, task: '100' });
  await tryCharge(ledger, token, '60');
  const full = await place(ledger, { ...asked, task: '10' });
  await tryCharge(ledger, full, '10.000001');
  const released = await place(ledger, { ...asked, account: 'ml-8', task: '7' });
  await site.ok('hold', 'release', `txn_${released}`);
  await place(ledger, { ...asked, account: 'ml-8', task: '30', expiresS: 1_795_262_500 });
  const rows = TransactionList.parse(await site.json('transactions', 'list', '--all'));
  const charge = rows.find(({ type, amount }) => type === 'charge' && String(amount) === '60');
  const id = charge?.transaction_id ?? '';
  const reason = ['--reason', 'bill'];
  await site.ok('transactions', 'adjust', id, '--amount', '2', ...reason);
  await site.ok('transactions', 'refund', id, '--amount', '3', ...reason);
  await site.ok('account', 'adjust', 'ml-8', '--amount', '1.5', ...reason);
  const fund = rows.find(({ type, amount }) => type === 'fund' && String(amount) === '20');
  const lent = rows.find(({ type }) => type === 'transfer');
  for (const each of [fund, lent]) {
    await site.ok('transactions', 'reverse', each?.transaction_id ?? '', ...reason);
  }
});
afterAll(() => {
  site.close();
});

/** `name{labels}` and the value. */
async function figures(...args: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const text = await site.ok('metrics', ...args);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1) ?? '']),
  );
}

async function listed(): Promise<ReadonlyMap<string, string>> {
  const all = ['transactions', 'list', '--all', '--limit', '1000'];
  const rows = TransactionList.parse(await site.json(...all));
  const counts = new Map<string, number>();
  for (const { type, status } of rows) {
    const name = `asbb_transactions{type="${type}",status="${status}"}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  counts.set('asbb_transactions_total', rows.length);
  return new Map([...counts].map(([name, count]) => [name, String(count)]));
}

it('3.11: counts the rows that transactions list shows', async () => {
  const found = await figures();
  const expected = await listed();
  const own = [...found].filter(([name]) => name.startsWith('asbb_transactions'));
  expect(Object.fromEntries(own)).toEqual(Object.fromEntries(expected));
  expect(expected.size).toBeGreaterThan(9);
});

it('3.11: tells each account’s money, and what is orphaned', async () => {
  const found = await figures();
  expect(found.get('asbb_budget_accounts_total')).toBe('3');
  expect(found.get('asbb_budget_used_total')).toBe('70.500001');
  for (const [name, value] of [
    ['limit', '1000'],
    ['used', '70.500001'],
    ['held', '30'],
    ['available', '899.499999'],
  ]) {
    expect(found.get(`asbb_budget_${name}{account="ml-7"}`)).toBe(value);
  }
  expect(found.get('asbb_allocations_processed_total')).toBe('11');
  expect(found.get('asbb_alerts_active{severity="critical"}')).toBe('0');
  expect(found.get('asbb_orphaned_holds')).toBe('0');
  expect(found.has('asbb_last_maintenance_timestamp_seconds')).toBe(false);
  site.forward(25 * 3600);
  expect((await figures()).get('asbb_orphaned_holds')).toBe('1');
});

it('6.3: maintain keeps the file, counts only what is new, and says that it ran', async () => {
  const folder = join(site.root, 'textfile');
  mkdirSync(folder);
  const file = join(folder, 'asbb.prom');
  writeFileSync(file, 'old');
  const only = ['maintain', '--only', 'metrics'];
  expect(await site.ok(...only)).toContain('no --textfile');
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(await site.ok(...only, '--textfile', file)).toContain('12 metrics written');
  expect(readFileSync(file, 'utf8')).toContain('asbb_last_maintenance_timestamp_seconds 17953524');
  expect([readdirSync(folder), statSync(file).mode & 0o777]).toEqual([['asbb.prom'], 0o644]);
  const ledger = site.ledger();
  const before = site.raw("SELECT value FROM note WHERE name='metrics:counted'");
  await tryCharge(ledger, await place(ledger, { account: 'ml-7', task: '3' }), '1');
  await site.ok(...only, '--textfile', file);
  expect(site.raw("SELECT value FROM note WHERE name='metrics:counted'")).not.toEqual(before);
  const expected = await listed();
  const found = await figures();
  for (const [name, count] of expected) {
    expect([name, found.get(name)]).toEqual([name, count]);
  }
  expect(await site.ok('metrics', '--textfile', file)).toBe('');
  expect(readFileSync(file, 'utf8')).not.toContain('asbb_last_maintenance_timestamp_seconds 1');
});

it('neither writes among the ledger’s files nor when it is switched off', async () => {
  const inside = join(site.root, 'state', 'asbb.prom');
  for (const args of [['metrics'], ['maintain', '--only', 'metrics']]) {
    expect((await site.asbb(...args, '--textfile', inside)).code).toBe(2);
  }
  const gone = join(site.root, 'nowhere', 'asbb.prom');
  expect((await site.asbb('metrics', '--textfile', gone)).code).toBe(2);
  const full = '/proc/self/task/asbb.prom'; // a folder that takes no file
  expect((await site.asbb('metrics', '--textfile', full)).code).toBe(1);
  expect((await site.asbb('maintain', '--only', 'metrics', '--textfile', full)).code).toBe(1);
  vi.stubEnv('ASBB_METRICS_ENABLED', 'false');
  try {
    expect((await site.asbb('metrics')).code).toBe(2);
    const file = join(site.root, 'asbb.prom');
    const told = await site.ok('maintain', '--only', 'metrics', '--textfile', file);
    expect(told).toContain('metrics.enabled is false');
  } finally {
    vi.unstubAllEnvs();
  }
});

it('writes names as Prometheus reads them', () => {
  const samples = [{ labels: { account: 'a"b\\c\nd' }, value: '1' }];
  const text = prometheusText([{ name: 'x', type: 'gauge', help: 'X.', samples }]);
  expect(text).toBe('# HELP x X.\n# TYPE x gauge\nx{account="a\\"b\\\\c\\nd"} 1\n');
});
