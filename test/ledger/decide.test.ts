import { describe, expect, it } from 'vitest';
import { Bug, Fault, isRefused, refused } from '../../src/core/errors.ts';
import type { Txn } from '../../src/core/ledger/change.ts';
import type { View } from '../../src/core/ledger/view.ts';
import { chargeHold, openHold, write } from '../support/holds.ts';
import { seedAccount, temporaryLedger, usd } from '../support/ledger.ts';
import { count, fund, REQUEST, withMoney } from './with-money.ts';

describe('a decision', () => {
  it('is seen by the next view', async () => {
    const { ledger } = await withMoney();
    const view = await ledger.read({ payer: { slurmAccount: 'ML-7' } });
    expect(view.payer?.account.budgets).toMatchObject([{ free: usd('40') }]);
    expect(view.payer?.account.partitions).toMatchObject([{ limit: { limit: usd('10') } }]);
    expect(view).toMatchObject({ today: 20_261_121, clusterName: 'hpc1', next: { seq: 2 } });
    expect((await ledger.read({ payer: { slurmAccount: 'nobody' } })).payer).toBeUndefined();
  });

  it('keeps every sum with its postings, up the tree and by partition', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'uni', deposit: '100' });
    await seedAccount(ledger, { name: 'dept', deposit: '100', parent: 'uni' });
    await seedAccount(ledger, {
      name: 'lab',
      deposit: '40',
      parent: 'dept',
      limits: { aws: '30' },
    });
    await openHold(ledger, { token: 'aaa', account: 'lab', amount: '5' });
    await openHold(ledger, { token: 'bbb', account: 'lab', amount: '7' });
    await chargeHold(ledger, { token: 'aaa', amount: '6' });
    const { payer } = await ledger.read({ payer: { slurmAccount: 'lab', userName: 'ada' } });
    expect(payer?.userOpenHoldCount).toBe(1);
    expect(payer?.account).toMatchObject({
      budgets: [{ free: usd('27'), held: usd('7'), spent: usd('6') }],
      partitions: [{ held: usd('7'), spent: usd('6') }],
    });
    expect(payer?.ancestors).toMatchObject([
      { account: { name: 'dept' }, belowHeld: usd('7'), belowSpent: usd('6') },
      { account: { name: 'uni' }, belowHeld: usd('7'), belowSpent: usd('6') },
    ]);
    const { accounts } = await ledger.read({ accounts: ['lab'] });
    expect(accounts).toMatchObject([
      { openHoldCount: 1, height: 0, hasHistory: true, childNames: [] },
      { openHoldCount: 0, height: 1, hasHistory: true, childNames: ['lab'] },
      { height: 2, childNames: ['dept'], slurmNames: [{ name: 'uni', clusterId: 0 }] },
    ]);
  });

  it('moves what lies below to the new ancestors', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'old' });
    await seedAccount(ledger, { name: 'new' });
    await seedAccount(ledger, { name: 'dept', parent: 'old' });
    await seedAccount(ledger, { name: 'lab', parent: 'dept' });
    await openHold(ledger, { token: 'aaa', account: 'lab', amount: '5' });
    await openHold(ledger, { token: 'bbb', account: 'dept', amount: '2' });
    await chargeHold(ledger, { token: 'bbb', amount: '1' });
    await write(ledger, {}, { accounts: ['dept', 'new'] }, ({ accounts }) => {
      const [dept, parent] = ['dept', 'new'].map((name) =>
        accounts.find(({ account }) => account.name === name),
      );
      const row = { ...dept?.account, parentId: parent?.account.accountId } as NonNullable<
        typeof dept
      >['account'];
      return { changes: [{ change: 'putAccount', row }], answer: null };
    });
    const { accounts } = await ledger.read({ allAccounts: true });
    const below = Object.fromEntries(
      accounts.map((a) => [a.account.name, [a.belowHeld, a.belowSpent]]),
    );
    expect(below).toEqual({
      old: [usd('0'), usd('0')],
      new: [usd('5'), usd('1')],
      dept: [usd('5'), usd('0')],
      lab: [usd('0'), usd('0')],
    });
  });

  it('that changes nothing writes nothing', async () => {
    const temporary = await withMoney();
    const answer = await temporary.ledger.decide(REQUEST, {}, () => ({ changes: [], answer: 'x' }));
    expect(answer).toEqual({ kind: 'answered', answer: 'x', isRepeat: false });
    expect([count(temporary, 'idem'), count(temporary, 'journal')]).toEqual([1, 1]);
  });

  it('that throws leaves nothing, and the ledger usable', async () => {
    const temporary = await withMoney();
    const { ledger } = temporary;
    await expect(
      ledger.decide(REQUEST, {}, () => {
        throw new Bug('by intent');
      }),
    ).rejects.toThrow('by intent');
    await expect(
      ledger.decide(REQUEST, {}, (view) => ({
        changes: [
          { change: 'post', txn: fund(view, '1') },
          { change: 'putSlurmName', row: { name: 'x', clusterId: 0, accountId: 99 } },
        ],
        answer: null,
      })),
    ).rejects.toThrow(Bug);
    expect(count(temporary, 'txn')).toBe(1);
    await openHold(ledger, { token: 'aaa', account: 'ml-7', amount: '5' });
  });
});

describe('wrong books are a Bug', () => {
  const cases: [string, (view: View) => Txn][] = [
    [
      'lines that do not add up',
      (view) =>
        fund(view, '1', {
          lines: [
            { kind: 'source', ownerId: 0, amount: usd('-1') },
            { kind: 'free', ownerId: 1, amount: usd('2') },
          ],
        }),
    ],
    [
      'one line',
      (view) => fund(view, '1', { lines: [{ kind: 'free', ownerId: 1, amount: usd('0') }] }),
    ],
    ['an overdraft without a word', (view) => fund(view, '-41')],
    ['a fund as a real cost', (view) => fund(view, '1', { over: 1 })],
    [
      'a held line without its hold',
      (view) =>
        fund(view, '1', {
          lines: [
            { kind: 'free', ownerId: 1, amount: usd('-1') },
            { kind: 'held', ownerId: 1, amount: usd('1') },
          ],
        }),
    ],
    ['a hold that is not there', (view) => fund(view, '1', { holdId: 77 })],
    [
      'an unknown budget',
      (view) =>
        fund(view, '1', {
          lines: [
            { kind: 'free', ownerId: 1, amount: usd('-1') },
            { kind: 'spent', ownerId: 8, amount: usd('1') },
          ],
        }),
    ],
  ];

  it.each(cases)('%s', async (_, txn) => {
    const temporary = await withMoney();
    await expect(
      temporary.ledger.decide(REQUEST, {}, (view) => ({
        changes: [{ change: 'post', txn: txn(view) }],
        answer: null,
      })),
    ).rejects.toThrow(Bug);
    expect(count(temporary, 'txn')).toBe(1);
  });

  it('a forced cut says so', async () => {
    const { ledger } = await withMoney();
    await write(ledger, REQUEST, {}, (view) => ({
      changes: [{ change: 'post', txn: fund(view, '-41', { over: 2 }) }],
      answer: null,
    }));
    const { payer } = await ledger.read({ payer: { slurmAccount: 'ml-7' } });
    expect(payer?.account.budgets[0]?.free).toBe(usd('-1'));
  });

  it('transactions without a key', async () => {
    const { ledger } = await withMoney();
    await expect(
      ledger.decide({ ...REQUEST, key: undefined }, {}, (view) => ({
        changes: [{ change: 'post', txn: fund(view, '1') }],
        answer: null,
      })),
    ).rejects.toThrow('no key');
  });
});

describe('the journal', () => {
  it('tells of refused administrative acts, and of no others', async () => {
    const temporary = await withMoney();
    const { ledger } = temporary;
    const refusal = refused('FORBIDDEN', 'no');
    expect(isRefused(await ledger.decide(REQUEST, {}, () => refusal))).toBe(true);
    expect(count(temporary, 'journal')).toBe(1);
    expect(await ledger.decide({ ...REQUEST, audited: true }, {}, () => refusal)).toBe(refusal);
    const db = temporary.raw();
    expect(db.prepare('SELECT verb, txn_seq, body FROM journal WHERE seq=2').raw().get()).toEqual([
      'test',
      null,
      '{"args":{"amount":"5"},"outcome":"FORBIDDEN"}',
    ]);
    db.close();
    expect(count(temporary, 'idem')).toBe(1);
  });

  it('has a row for changes without money, and none for notes', async () => {
    const temporary = await withMoney();
    const { ledger } = temporary;
    const note = { change: 'putNote', name: 'n', value: '1' } as const;
    await write(ledger, {}, {}, () => ({ changes: [note], answer: null }));
    expect((await ledger.read({ notes: ['n', 'm'] })).notes).toEqual({ n: '1' });
    expect(count(temporary, 'journal')).toBe(1);
    await write(ledger, {}, {}, () => ({ changes: [{ ...note, value: '' }], answer: null }));
    expect((await ledger.read({ notes: ['n'] })).notes).toEqual({});
    const limit = { accountId: 1, partition: 'aws', limit: usd('3') };
    await write(ledger, {}, {}, () => ({
      changes: [{ change: 'putPartitionLimit', row: limit }],
      answer: null,
    }));
    await write(ledger, {}, {}, () => ({
      changes: [{ change: 'removePartitionLimit', accountId: 1, partition: 'aws' }],
      answer: null,
    }));
    expect(count(temporary, 'journal')).toBe(3);
  });

  it('keeps hostile text as it is', async () => {
    const temporary = await withMoney();
    const hostile = '\u0000\u001b[31m"\'); DROP TABLE txn;--\ud800\u202e';
    await write(
      temporary.ledger,
      { args: { text: hostile } },
      { accounts: ['ml-7'] },
      ({ accounts }) => ({
        changes: accounts.map(({ account }) => ({
          change: 'putAccount' as const,
          row: { ...account, title: hostile, description: '\ud83d' },
        })),
        answer: null,
      }),
    );
    const { accounts } = await temporary.ledger.read({ accounts: ['ml-7'] });
    expect(accounts[0]?.account.title).toBe(hostile.toWellFormed());
  });
});

describe('two connections', () => {
  it('wait for each other as long as told, then say so', async () => {
    const temporary = await withMoney();
    const db = temporary.raw();
    db.exec('BEGIN IMMEDIATE');
    const hasty = temporary.open({ lockWaitMs: 50 });
    await expect(
      openHold(hasty, { token: 'aaa', account: 'ml-7', amount: '1' }),
    ).rejects.toMatchObject({ exitCode: 75, inDoubt: false });
    expect((await hasty.read({ accounts: ['ml-7'] })).accounts).toHaveLength(1);
    db.exec('ROLLBACK');
    await openHold(hasty, { token: 'aaa', account: 'ml-7', amount: '1' });
    expect((await hasty.read({ holds: { tokens: ['aaa'] } })).holds).toHaveLength(1);
  });

  it('of two clusters do not see each other’s holds', async () => {
    const temporary = await withMoney();
    const other = temporary.open({ clusterName: 'hpc2' });
    await openHold(temporary.ledger, { token: 'aaa', account: 'ml-7', amount: '1', jobId: 7 });
    await openHold(other, { token: 'bbb', account: 'ml-7', amount: '2', jobId: 7 });
    const query = { holds: { jobIds: [7], tokens: ['aaa', 'bbb'], open: {} } };
    const [mine, theirs] = [await temporary.ledger.read(query), await other.read(query)];
    expect(mine.holds.map(({ token }) => token)).toEqual(['aaa']);
    expect(theirs.holds.map(({ token }) => token)).toEqual(['bbb']);
  });

  it('never use a ledger whose name was given to another file', async () => {
    const temporary = await withMoney();
    temporary.mayBeBroken();
    const { renameSync, copyFileSync } = await import('node:fs');
    const { file } = temporary.place;
    renameSync(file, `${file}.old`);
    copyFileSync(`${file}.old`, file);
    const asked = openHold(temporary.ledger, { token: 'aaa', account: 'ml-7', amount: '1' });
    await expect(asked).rejects.toMatchObject({
      exitCode: 22,
      message: expect.stringContaining(file),
    });
    await expect(asked).rejects.toBeInstanceOf(Fault);
  });
});
