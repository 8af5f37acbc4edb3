import { afterEach, expect, it } from 'vitest';
import { clockSite, type GrantSite } from '../reports/grant-site.ts';
import type { Done } from '../support/cli.ts';

// What an administrator may try with the money of issue 4, command by command; the books verify after
// each. Every test here was a bug first.

let site: GrantSite | undefined;

afterEach(() => {
  site?.close();
  site = undefined;
});

const PERIOD = ['--start', '2026-01-01', '--end', '2027-12-31'];

async function books(): Promise<GrantSite> {
  site = clockSite();
  site.goTo('2026-03-01');
  await site.ok('ledger', 'migrate');
  return site;
}

/** `code` of the command, and of `ledger verify` after it where that is not 0. */
async function act(on: GrantSite, line: string): Promise<string> {
  const done = await on.asbb(...line.split(' '));
  const verified: Done = await on.asbb('ledger', 'verify');
  const [, name = ''] = /^Error: ([A-Z_]+):/mu.exec(done.stderr) ?? [];
  return `${done.code}${name === '' ? '' : ` ${name}`}${verified.code === 0 ? '' : ' BROKEN'}`;
}

async function account(on: GrantSite, name: string, ...more: readonly string[]): Promise<void> {
  const words = ['--account', name, '--name', name, '--budget', '1000', ...PERIOD, ...more];
  await on.ok('account', 'create', ...words);
}

async function grant(on: GrantSite): Promise<void> {
  const who = ['--agency', 'NSF', '--pi', 'Ada', '--institution', 'U', '--amount', '10000'];
  await on.ok('grant', 'create', '--number', 'G1', ...who, ...PERIOD, '--indirect', '0.30');
}

/** Dollars used of direct money, and what is available. */
async function used(on: GrantSite, name: string): Promise<readonly [number, string]> {
  const [row] = on.raw(`SELECT COALESCE(SUM(spent_micro),0) micros FROM day_spend
    JOIN budget USING(budget_id) JOIN account USING(account_id) WHERE name='${name}'`) as {
    micros: bigint;
  }[];
  return [Number(row?.micros) / 1e6, (await on.ok('remaining', name)).trim()];
}

/** A job of that cost; the id of its charge. */
async function charged(on: GrantSite, name: string, cost: string): Promise<string> {
  const job = String(5 + on.raw('SELECT 1 FROM hold WHERE job_id IS NOT NULL').length);
  await on.ok(
    ...['check', '--account', name, '--partition', 'aws', '--nodes', '1', '--cpus', '1'],
    ...['--time', '1:00:00', '--estimated-cost', cost, '--job-id', job],
  );
  await on.ok('reconcile', job, '--actual-cost', cost);
  const [charge] = on.raw("SELECT MAX(seq) seq FROM txn WHERE kind='charge'") as { seq: bigint }[];
  return `txn_${charge?.seq}`;
}

it('takes no more back than bears F&A under the rate of the day', async () => {
  const on = await books();
  await grant(on);
  await account(on, 'a');
  await on.ok('grant', 'link', 'G1', 'a');
  await on.ok('grant', 'rate', 'G1', '--rate', '0.5', '--from', '2026-07-01', '--reference', 'r');
  await on.ok('account', 'adjust', 'a', '--amount', '100', '--reason', 'x');
  on.goTo('2026-08-01');
  expect(await act(on, 'account adjust a --amount -50 --reason x')).toBe('2 VALIDATION_ERROR');
  await on.ok('account', 'adjust', 'a', '--amount', '30', '--reason', 'x');
  expect(await act(on, 'account adjust a --amount -30.01 --reason x')).toBe('2 VALIDATION_ERROR');
  expect(await act(on, 'account adjust a --amount -30 --reason x')).toBe('0');
  expect(await used(on, 'a')).toEqual([100, '900.00']);
});

it('gives nothing back twice: an adjustment of the account, then a refund of the charge', async () => {
  const on = await books();
  await account(on, 'plain');
  const charge = await charged(on, 'plain', '100');
  await on.ok('account', 'adjust', 'plain', '--amount', '-60', '--reason', 'x');
  expect(await act(on, `transactions refund ${charge} --reason x`)).toBe('2 VALIDATION_ERROR');
  expect(await act(on, `transactions refund ${charge} --amount 40 --reason x`)).toBe('0');
  expect(await act(on, `transactions refund ${charge} --reason x`)).toBe('2 VALIDATION_ERROR');
  expect(await used(on, 'plain')).toEqual([0, '1000.00']);
  // With a grant the base of F&A says so as well, also where the bill comes from a file.
  await grant(on);
  await account(on, 'a');
  await on.ok('grant', 'link', 'G1', 'a');
  await charged(on, 'a', '100');
  await on.ok('account', 'adjust', 'a', '--amount', '-60', '--reason', 'x');
  expect(await act(on, 'reconcile 6 --actual-cost 0 --amend')).toBe('2 VALIDATION_ERROR');
  expect(await act(on, 'reconcile 6 --actual-cost 60 --amend')).toBe('0');
  expect(await used(on, 'a')).toEqual([0, '1000.00']);
});

it('takes nothing off a partition that had no such cost', async () => {
  const on = await books();
  await account(on, 'a');
  await on.ok('account', 'adjust', 'a', '--amount', '50', '--reason', 'x', '--partition', 'aws');
  const line = 'account adjust a --reason x --amount';
  expect(await act(on, `${line} -20 --partition gpu`)).toBe('2 VALIDATION_ERROR');
  expect(await act(on, `${line} -51 --partition aws`)).toBe('2 VALIDATION_ERROR');
  expect(await act(on, `${line} -50 --partition aws`)).toBe('0');
  await on.ok('account', 'limit', 'set', 'a', '--partition', 'gpu', '--limit', '100');
  expect(await on.ok('account', 'limit', 'list', 'a')).toMatch(/gpu +\$100\.00 +\$0\.00/u);
});

it('shares a refund as the charge was shared, whatever the account’s share is by now', async () => {
  const on = await books();
  await grant(on);
  await account(on, 'a', '--federal-share', '0.5');
  await on.ok('grant', 'link', 'G1', 'a');
  const half = await charged(on, 'a', '100');
  await on.ok('account', 'update', 'a', '--federal-share', '1');
  const whole = await charged(on, 'a', '10');
  await on.ok('account', 'update', 'a', '--federal-share', '0.25');
  expect(await act(on, `transactions refund ${half} --reason x`)).toBe('0');
  expect(await act(on, `transactions refund ${whole} --reason x`)).toBe('0');
  const report = await on.ok('grant', 'report', 'G1', '--type', 'financial');
  expect(report).toMatch(/^10e +Federal share of expenditures +\$0\.00$/mu);
  expect(report).toMatch(/^10j +Recipient share of expenditures +\$0\.00$/mu);
});

it('puts no money back on a budget that is closed', async () => {
  const on = await books();
  await grant(on);
  await account(on, 'a');
  await on.ok('grant', 'link', 'G1', 'a', '--amount', '500');
  await on.ok('grant', 'close', 'G1');
  const [last] = on.raw('SELECT MAX(seq) seq FROM txn') as { seq: bigint }[];
  expect(await act(on, `transactions reverse txn_${last?.seq} --reason x`)).toBe('3 POLICY');
  await account(on, 'b');
  await on.ok('account', 'delete', 'b', '--force');
  const [cut] = on.raw('SELECT MAX(seq) seq FROM txn') as { seq: bigint }[];
  expect(await act(on, `transactions reverse txn_${cut?.seq} --reason x`)).toBe('3 POLICY');
});

it('keeps the basis of an earlier link, or takes the other one where no F&A was booked', async () => {
  const on = await books();
  await grant(on);
  await account(on, 'a');
  function basis(): unknown {
    return on.raw('SELECT basis FROM budget WHERE award_id IS NOT NULL');
  }
  await on.ok('grant', 'link', 'G1', 'a', '--amount', '500', '--basis', 'total');
  await on.ok('grant', 'unlink', 'G1', 'a');
  await on.ok('grant', 'link', 'G1', 'a', '--amount', '500');
  expect(basis()).toEqual([{ basis: 'total' }]);
  await on.ok('grant', 'unlink', 'G1', 'a');
  expect(await act(on, 'grant link G1 a --amount 500 --basis direct')).toBe('0');
  expect(basis()).toEqual([{ basis: 'direct' }]);
  await on.ok('account', 'update', 'a', '--budget', '500');
  await charged(on, 'a', '100');
  await on.ok('grant', 'unlink', 'G1', 'a');
  expect(await act(on, 'grant link G1 a --amount 500 --basis total')).toBe('3 POLICY');
  expect(await act(on, 'grant link G1 a --amount 500')).toBe('0');
  expect(basis()).toEqual([{ basis: 'direct' }]);
});

it('erases no account that a deadline or an alert names', async () => {
  const on = await books();
  await on.ok(
    ...['account', 'create', '--account', 'a', '--name', 'a', '--incremental'],
    ...['--total-budget', '100', '--allocation-amount', '10', '--allocation-frequency', 'monthly'],
    ...['--start', '2027-01-01', '--end', '2027-12-31'],
  );
  const what = ['--type', 'CONFERENCE', '--date', '2027-01-01', '--description', 'x'];
  await on.ok('deadline', 'add', '--account', 'a', ...what);
  expect(await act(on, 'account delete a')).toBe('0');
  expect(on.raw('SELECT status FROM account')).toEqual([{ status: 'inactive' }]);
});

it('allocates nothing before its day', async () => {
  const on = await books();
  await on.ok(
    ...['account', 'create', '--account', 'a', '--name', 'a', '--incremental', ...PERIOD],
    ...['--total-budget', '100', '--allocation-amount', '10', '--allocation-frequency', 'monthly'],
  );
  expect(await act(on, 'allocations process --as-of 2026-12-31')).toBe('2 VALIDATION_ERROR');
  expect(await act(on, 'allocations process --as-of 2026-12-31 --dry-run')).toBe('0');
  const hand = 'allocations process --schedule 1 --amount 5 --reason x';
  expect(await act(on, `${hand} --as-of 2026-02-01`)).toBe('2 VALIDATION_ERROR');
  expect(await used(on, 'a')).toEqual([0, '30.00']);
});
