import { describe, expect, it } from 'vitest';
import { SqliteReports } from '../../src/adapters/sqlite/sqlite-reports.ts';
import { chargeHold, openHold } from '../support/holds.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger, usd } from '../support/ledger.ts';

function reportsOf({ place }: TemporaryLedger): SqliteReports {
  return new SqliteReports({ place, clusterName: 'hpc1' });
}

async function withJobs(): Promise<TemporaryLedger> {
  const temporary = await temporaryLedger();
  const { ledger, clock } = temporary;
  await seedAccount(ledger, { name: 'physics', deposit: '100' });
  clock.forward(60);
  await seedAccount(ledger, {
    name: 'ml-7',
    deposit: '40',
    parent: 'physics',
    limits: { aws: '30' },
  });
  await openHold(ledger, { token: 'aaa', account: 'ml-7', amount: '5', jobId: 12 });
  await openHold(ledger, { token: 'bbb', account: 'ml-7', amount: '7' });
  await chargeHold(ledger, { token: 'aaa', amount: '2' });
  return temporary;
}

async function namesOf(
  reports: SqliteReports,
  filter: Parameters<SqliteReports['accounts']>[0],
): Promise<readonly string[]> {
  return (await reports.accounts(filter)).map(({ figures }) => figures.account.name);
}

async function seqsOf(
  reports: SqliteReports,
  filter: Partial<Parameters<SqliteReports['txns']>[0]>,
): Promise<readonly number[]> {
  return (await reports.txns({ limit: 10, ...filter })).map(({ seq }) => seq);
}

describe('reports', () => {
  it('show accounts, newest first, with figures and parent', async () => {
    const reports = reportsOf(await withJobs());
    const [mine, parent, ...others] = await reports.accounts({});
    const [named] = await reports.accounts({ names: ['ml-7'] });
    reports.close();
    expect(others).toEqual([]);
    expect(parent).toMatchObject({
      figures: { account: { name: 'physics' }, belowHeld: usd('7'), belowSpent: usd('2') },
    });
    expect(mine).toMatchObject({
      parentName: 'physics',
      grantNumbers: [],
      hasSchedule: false,
      allocated: usd('0'),
      figures: { budgets: [{ free: usd('31'), held: usd('7'), spent: usd('2') }] },
    });
    expect(named).toMatchObject({
      figures: {
        budgets: [{ free: usd('31'), held: usd('7'), spent: usd('2') }],
        partitions: [{ held: usd('7'), spent: usd('2') }],
        openHoldCount: 1,
        hasHistory: true,
      },
    });
  });

  it('filter accounts by name, status, limit and offset', async () => {
    const reports = reportsOf(await withJobs());
    expect(await namesOf(reports, { names: ['physics', 'nobody'] })).toEqual(['physics']);
    expect(await namesOf(reports, { status: 'active', limit: 1 })).toEqual(['ml-7']);
    expect(await namesOf(reports, { limit: 5, offset: 1 })).toEqual(['physics']);
    expect(await namesOf(reports, { status: 'suspended' })).toEqual([]);
    expect(await reports.accountNames()).toEqual(['ml-7', 'physics']);
    reports.close();
  });

  it('show transactions, newest first, with lines, holds and journal', async () => {
    const reports = reportsOf(await withJobs());
    const txns = await reports.txns({ limit: 10 });
    reports.close();
    expect(txns.map(({ seq, kind }) => [seq, kind])).toEqual([
      [5, 'charge'],
      [4, 'hold'],
      [3, 'hold'],
      [2, 'fund'],
      [1, 'fund'],
    ]);
    expect(txns[0]).toMatchObject({
      verb: 'epilog',
      actor: 'test',
      lines: [
        { kind: 'held', amount: usd('-5'), accountName: 'ml-7' },
        { kind: 'spent', amount: usd('2'), partition: 'aws' },
        { kind: 'free', amount: usd('3') },
      ],
      holds: [{ row: { token: 'aaa', state: 'charged' }, accountName: 'ml-7' }],
    });
    expect(txns[4]).toMatchObject({
      lines: [{ kind: 'source', accountName: '' }, { kind: 'free' }],
    });
  });

  it('filter transactions', async () => {
    const reports = reportsOf(await withJobs());
    expect(await seqsOf(reports, { accountName: 'physics' })).toEqual([1]);
    expect(await seqsOf(reports, { jobId: 12 })).toEqual([5, 3]);
    expect(await seqsOf(reports, { jobId: 12, arrayTask: 3 })).toEqual([]);
    expect(await seqsOf(reports, { kinds: ['hold'], beforeSeq: 4 })).toEqual([3]);
    expect(await seqsOf(reports, { holdToken: 'bbb' })).toEqual([4]);
    expect(await seqsOf(reports, { holdTokenPrefix: 'a' })).toEqual([3]);
    expect(await seqsOf(reports, { seqs: [2, 99] })).toEqual([2]);
    expect(await seqsOf(reports, { parentSeq: 5 })).toEqual([]);
    reports.close();
  });

  it('show holds', async () => {
    const reports = reportsOf(await withJobs());
    expect(await reports.holds({})).toMatchObject([{ row: { token: 'bbb' }, accountName: 'ml-7' }]);
    expect(await reports.holds({ states: ['charged'] })).toMatchObject([
      { row: { token: 'aaa', jobId: 12 }, endedUs: expect.any(Number) },
    ]);
    expect(await reports.holds({ accountName: 'physics' })).toEqual([]);
    reports.close();
  });
});
