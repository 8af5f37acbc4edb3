import { expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { toDecimal } from '../../src/core/money/money.ts';
import { adjustAccount } from '../../src/flows/account-adjust.ts';
import { transfer } from '../../src/flows/account-transfer.ts';
import type { Corrected } from '../../src/flows/steps/ask-correction.ts';
import { approve, correct } from '../../src/flows/transactions-correct.ts';
import { reverse } from '../../src/flows/transactions-reverse.ts';
import { link, moneyOf, openAward } from '../support/grants.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger } from '../support/ledger.ts';
import { codeOf, place, sumsOf, tryCharge } from '../support/policy.ts';
import { run, scheduleOf, seedSchedule, stateOf } from '../support/schedules.ts';
import { BOB, portsOf } from './ports.ts';

const MANNER = { reason: 'bill', dryRun: false };

function said(answer: Corrected | unknown): string {
  if (isRefused(answer)) {
    return answer.code;
  }
  const { amount, seq, proposal } = answer as Corrected;
  return proposal === undefined ? `${toDecimal(amount)} txn_${seq}` : `proposal ${proposal}`;
}

/** Transaction 3 is the charge of 100. */
async function charged(): Promise<TemporaryLedger> {
  const books = await temporaryLedger();
  await seedAccount(books.ledger, { name: 'ml-7' });
  const token = await place(books.ledger, { account: 'ml-7', task: '120' });
  await tryCharge(books.ledger, token, '100');
  return books;
}

it('adjusts and refunds a charge, never below nothing', async () => {
  const books = await charged();
  const ports = portsOf(books);
  async function adjust(amount: string): Promise<string> {
    return said(await correct('transactions adjust', { ...MANNER, id: 'txn_3', amount }, ports));
  }
  expect(await adjust('20.5')).toBe('20.5 txn_4');
  expect(await adjust('-0.5')).toBe('-0.5 txn_5');
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 120 0 880');
  expect(await adjust('-120.000001')).toBe('VALIDATION_ERROR');
  expect(await adjust('0')).toBe('VALIDATION_ERROR');
  async function refund(amount?: string): Promise<string> {
    return said(await correct('transactions refund', { ...MANNER, id: '3000', amount }, ports));
  }
  expect(await refund('-3')).toBe('VALIDATION_ERROR');
  expect(await refund('121')).toBe('VALIDATION_ERROR');
  expect(await refund('45')).toBe('-45 txn_6');
  expect(await refund('45')).toBe('-45 txn_7');
  expect(await refund()).toBe('-30 txn_8');
  expect(await refund()).toBe('VALIDATION_ERROR');
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 0 0 1000');
  const scopes = books.raw().prepare("SELECT scope, key FROM idem WHERE key LIKE 'adjust:%'").raw();
  expect(scopes.all()).toEqual([1, 2, 3, 4, 5].map((n) => ['site', `adjust:3:${n}`]));
  for (const id of ['txn_1', 'txn_3_1', '3001', 'txn_99']) {
    expect(said(await correct('transactions refund', { ...MANNER, id }, ports))).toBe('NOT_FOUND');
  }
});

it('asks for a second person above the site’s sum, and posts nothing before', async () => {
  const books = await charged();
  const [alice, bob] = [portsOf(books), portsOf(books, BOB)];
  const asked = { ...MANNER, id: 'txn_3', amount: '60' };
  expect(said(await correct('transactions refund', asked, alice))).toBe('proposal 1');
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 100 0 900');
  const mine = { proposal: '1', dryRun: false };
  expect(said(await approve(mine, alice))).toBe('FORBIDDEN');
  expect(said(await approve({ ...mine, proposal: '2' }, bob))).toBe('NOT_FOUND');
  const other = { ...asked, amount: '61', second: '1' };
  expect(said(await correct('transactions refund', other, bob))).toBe('VALIDATION_ERROR');
  expect(said(await correct('transactions refund', { ...asked, second: '1' }, alice))).toBe(
    'FORBIDDEN',
  );
  expect(said(await correct('transactions refund', { ...asked, second: '1' }, bob))).toBe(
    '-60 txn_4',
  );
  expect(said(await approve(mine, bob))).toBe('DUPLICATE');
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 40 0 960');
  expect(said(await correct('transactions adjust', asked, alice))).toBe('proposal 2');
  expect(said(await approve({ ...mine, proposal: '2', dryRun: true }, bob))).toBe('60 txn_5');
  expect(said(await approve({ ...mine, proposal: '2' }, bob))).toBe('60 txn_5');
  const cost = { ...MANNER, account: 'ml-7', amount: '75', partition: 'aws' };
  expect(said(await adjustAccount(cost, bob))).toBe('proposal 3');
  expect(said(await approve({ ...mine, proposal: '3' }, alice))).toBe('75 txn_6');
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 175 0 825');
  // What was proposed is checked again when it is approved: meanwhile the charge had been refunded.
  const all = { ...MANNER, id: 'txn_3' };
  expect(said(await correct('transactions refund', all, alice))).toBe('proposal 4');
  for (const amount of ['50', '50']) {
    await correct('transactions refund', { ...MANNER, id: 'txn_3', amount }, alice);
  }
  expect(said(await approve({ ...mine, proposal: '4' }, bob))).toBe('VALIDATION_ERROR');
});

it('adjusts an account, with the F&A of its grant', async () => {
  const books = await temporaryLedger();
  const ports = portsOf(books);
  await openAward(books.ledger, { number: 'NSF-1', dollars: '1000' });
  await seedAccount(books.ledger, { name: 'ml-7', deposit: '0' });
  await link(books.ledger, 'NSF-1', 'ml-7', { dollars: '100' });
  const asked = { ...MANNER, account: 'ml-7' };
  expect(said(await adjustAccount({ ...asked, amount: '-1' }, ports))).toBe('VALIDATION_ERROR');
  expect(said(await adjustAccount({ ...asked, account: 'ml7', amount: '1' }, ports))).toBe(
    'NOT_FOUND',
  );
  expect(said(await adjustAccount({ ...asked, amount: '10' }, ports))).toBe('10 txn_3');
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('100 10 0 90');
  expect(await moneyOf(books.ledger, 'NSF-1')).toBe('897 0 0 | ml-7 90 0 10 0 3');
});

it('transfers what is free between accounts of the same money', async () => {
  const books = await charged();
  const { ledger } = books;
  const ports = portsOf(books);
  await seedAccount(ledger, { name: 'ml-8', deposit: '10' });
  const asked = { ...MANNER, from: 'ml-7', to: 'ml-8' };
  async function give(amount: string, to = 'ml-8'): Promise<string | undefined> {
    return codeOf(await transfer({ ...asked, to, amount }, ports));
  }
  expect(await give('900.01')).toBe('INSUFFICIENT_BUDGET');
  expect(await give('0')).toBe('VALIDATION_ERROR');
  expect(await give('1', 'ml-7')).toBe('VALIDATION_ERROR');
  expect(await give('1', 'ml-9')).toBe('NOT_FOUND');
  expect(codeOf(await transfer({ ...asked, amount: '1', reason: ' ' }, ports))).toBe(
    'VALIDATION_ERROR',
  );
  expect(await give('900')).toBeUndefined();
  expect(await sumsOf(ledger, 'ml-7')).toBe('100 100 0 0');
  expect(await sumsOf(ledger, 'ml-8')).toBe('910 0 0 910');
  // Each of the two rows that a transfer shows names it.
  expect(await reverse({ ...MANNER, id: 'txn_5_1' }, ports)).toMatchObject({ reverses: 5 });
  expect(await reverse({ ...MANNER, id: '5000' }, ports)).toMatchObject({ reverses: 5 });
  expect(await sumsOf(ledger, 'ml-8')).toBe('10 0 0 10');
});

it('reverses what changed a limit, once, and reopens the schedule that it came from', async () => {
  const books = await temporaryLedger();
  const { ledger } = books;
  const ports = portsOf(books);
  const seed = { total: '200', amount: '100', frequency: 'monthly', start: '2026-12-01' } as const;
  await seedSchedule(ledger, seed);
  await run(ledger, '2027-02-01');
  expect(await stateOf(ledger)).toBe('completed 200/200');
  const asked = { ...MANNER, id: 'alloc_1_20270101' };
  expect(await reverse({ ...asked, dryRun: true }, ports)).toMatchObject({ reverses: 2 });
  expect(await reverse(asked, ports)).toMatchObject({ seq: 3, reverses: 2 });
  expect(await reverse(asked, ports)).toMatchObject({ seq: 3, reverses: 2 });
  expect(codeOf(await reverse({ ...asked, reason: 'other' }, ports))).toBe('KEY_REUSED');
  expect(await stateOf(ledger)).toBe('active 100/200 next 2027-02-01');
  expect((await scheduleOf(ledger, 1)).allocated).toBe(100_000_000n);
  await run(ledger, '2027-02-01');
  expect(await stateOf(ledger)).toBe('completed 200/200');
  expect(codeOf(await reverse({ ...asked, id: 'txn_99' }, ports))).toBe('NOT_FOUND');
  expect(codeOf(await reverse({ ...asked, id: 'txn_3' }, ports))).toBe('POLICY');
});

it('reverses neither costs nor what is in use', async () => {
  const books = await charged();
  const ports = portsOf(books);
  expect(codeOf(await reverse({ ...MANNER, id: 'txn_3' }, ports))).toBe('POLICY');
  expect(codeOf(await reverse({ ...MANNER, id: 'txn_1' }, ports))).toBe('IN_USE');
});
