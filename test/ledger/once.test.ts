import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { LedgerRequest } from '../../src/ports/ledger.ts';
import { completeBooks } from '../support/books-by-hand.ts';
import { write } from '../support/holds.ts';
import { type TemporaryLedger, temporaryLedger } from '../support/ledger.ts';
import { count, fund, REQUEST, withMoney } from './with-money.ts';

async function fundFive({ ledger }: TemporaryLedger, request: LedgerRequest): Promise<unknown> {
  return await ledger.decide<Json>(request, {}, (view) => ({
    changes: [{ change: 'post', txn: fund(view, '5') }],
    answer: { seq: view.next.seq },
  }));
}

async function twice(temporary: TemporaryLedger, second: Partial<LedgerRequest>): Promise<unknown> {
  await fundFive(temporary, REQUEST);
  return await fundFive(temporary, { ...REQUEST, ...second });
}

function answersOf(temporary: TemporaryLedger): readonly unknown[] {
  const db = temporary.raw();
  const answers = db.prepare("SELECT answer FROM idem WHERE scope='hpc1' ORDER BY txn_seq").pluck();
  const all = answers.all();
  db.close();
  return all;
}

describe('a key', () => {
  it('with the same content gives the stored answer and writes nothing', async () => {
    const temporary = await withMoney();
    expect(await twice(temporary, {})).toEqual({
      kind: 'answered',
      answer: { seq: 2 },
      isRepeat: true,
    });
    expect([count(temporary, 'txn'), count(temporary, 'journal')]).toEqual([2, 2]);
  });

  it.each([
    ['arguments', { args: { amount: '6' } }],
    ['verb', { verb: 'other' }],
  ])('with other %s is refused', async (_, second) => {
    const temporary = await withMoney();
    expect(await twice(temporary, second)).toMatchObject({ kind: 'refused', code: 'KEY_REUSED' });
    expect(count(temporary, 'txn')).toBe(2);
  });

  it('counts within its scope only', async () => {
    const temporary = await withMoney();
    expect(await twice(temporary, { scope: 'uid:7' })).toMatchObject({ isRepeat: false });
    expect(count(temporary, 'txn')).toBe(3);
  });

  it('of several transactions numbers them, and each may have its own', async () => {
    const temporary = await withMoney();
    await write(temporary.ledger, REQUEST, {}, (view) => ({
      changes: [
        { change: 'post', txn: fund(view, '1') },
        { change: 'post', txn: fund(view, '2', { key: 'own' }) },
        { change: 'post', txn: fund(view, '3') },
      ],
      answer: 'three',
    }));
    const db = temporary.raw();
    expect(
      db.prepare("SELECT key, txn_seq FROM idem WHERE scope='hpc1' ORDER BY txn_seq").raw().all(),
    ).toEqual([
      ['k', null],
      ['k#1', 2n],
      ['own', 3n],
      ['k#3', 4n],
    ]);
    db.close();
    expect(await temporary.ledger.decide(REQUEST, {}, () => ({ changes: [], answer: 0 }))).toEqual({
      kind: 'answered',
      answer: 'three',
      isRepeat: true,
    });
    // The answer to all stands under the key of the request alone: it grows with their number.
    const part = { ...REQUEST, key: 'own' };
    const again = await temporary.ledger.decide(part, {}, () => ({ changes: [], answer: 0 }));
    expect(again).toMatchObject({ code: 'KEY_REUSED' });
    expect(answersOf(temporary)).toEqual(['"three"', '', '', '']);
  });

  it('that a transaction brings is enough', async () => {
    const temporary = await withMoney();
    await write(temporary.ledger, { key: undefined }, {}, (view) => ({
      changes: [{ change: 'post', txn: fund(view, '1', { key: 'end:aaa' }) }],
      answer: 'done',
    }));
    expect(count(temporary, 'idem')).toBe(2);
  });
});

describe('the tables that are only added to', () => {
  const tables = [
    ...['txn', 'posting', 'idem', 'usage', 'share', 'fa', 'entry', 'award_change'],
    ...['schedule_run', 'journal'],
  ];

  it.each(tables)('%s refuses UPDATE and DELETE', async (table) => {
    const temporary = await temporaryLedger();
    const db = temporary.raw();
    completeBooks(db);
    const column = db.prepare(`SELECT * FROM ${table}`).columns()[0]?.name;
    expect(() => db.exec(`UPDATE ${table} SET ${column}=${column}`)).toThrow('append-only');
    expect(() => db.exec(`DELETE FROM ${table}`)).toThrow('append-only');
    db.close();
  });

  it('share lets its transaction be set once', async () => {
    const temporary = await temporaryLedger();
    temporary.mayBeBroken();
    const db = temporary.raw();
    completeBooks(db);
    db.exec('INSERT INTO share(usage_id,n,budget_id,hold_id,amount_micro) VALUES(1,1,2,1,0)');
    expect(() => db.exec('UPDATE share SET txn_seq=5, amount_micro=1 WHERE n=1')).toThrow(
      'append-only',
    );
    db.exec('UPDATE share SET txn_seq=5 WHERE n=1');
    expect(() => db.exec('UPDATE share SET txn_seq=NULL WHERE n=1')).toThrow('append-only');
    db.close();
  });
});
