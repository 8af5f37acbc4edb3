import { readFileSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openLedger } from '../../src/adapters/sqlite/open.ts';
import { PREDICATES } from '../../src/adapters/sqlite/predicates.ts';
import { verifyFile } from '../../src/adapters/sqlite/restore.ts';
import { failuresOf, verifyDatabase } from '../../src/adapters/sqlite/verify.ts';
import type { VerifyReport } from '../../src/ports/ledger-care.ts';
import { completeBooks, rawTxn, rechain, resum, unguarded } from '../support/books-by-hand.ts';
import { type TemporaryLedger, temporaryLedger } from '../support/ledger.ts';
import { BREAKS } from './breaks.ts';

async function books(): Promise<TemporaryLedger> {
  const temporary = await temporaryLedger();
  temporary.mayBeBroken();
  const db = temporary.raw();
  completeBooks(db);
  db.close();
  return temporary;
}

/** Every table of the schema has a row, and verify finds nothing wrong: breaking it shows something. */
async function verifyStrictly({ place, clock }: TemporaryLedger): Promise<VerifyReport> {
  const { db } = openLedger(place, 'read');
  try {
    return await verifyDatabase(
      db,
      { strict: true },
      { nowUs: clock.nowUs(), stateDirectory: place.stateDirectory },
    );
  } finally {
    db.close();
  }
}

function perform(db: Database.Database, act: string): void {
  db.exec(act);
  if (act.includes('--resum')) {
    resum(db);
  }
  if (act.includes('--rechain')) {
    rechain(db);
  }
}

/** The tables that reliability.md 1.1 names, and `note`; later migrations add others. */
const FIRST_TABLES = readFileSync('schema/migrations/0001_ledger.sql', 'utf8');

describe('the invariants', () => {
  it('hold of books in which every table of the invariants has a row', async () => {
    const temporary = await books();
    const report = await verifyStrictly(temporary);
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.map(({ id }) => id)).toEqual(
      Array.from({ length: 20 }, (_, at) => `I${at + 1}`),
    );
    const db = temporary.raw();
    const empty = db
      .prepare<[], string>(
        "SELECT name FROM pragma_table_list WHERE schema='main' AND name NOT LIKE 'sqlite%'",
      )
      .pluck()
      .all()
      .filter((name) => FIRST_TABLES.includes(` ${name}(`))
      .filter((name) => db.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() === undefined);
    expect(empty).toEqual(['note']);
  });

  it.each(BREAKS)('%s, and it alone, sees %s', async (id, _, act) => {
    const temporary = await books();
    const db = temporary.raw();
    unguarded(db, () => (typeof act === 'string' ? perform(db, act) : act(db)));
    db.close();
    const failures = failuresOf(await verifyStrictly(temporary));
    expect(failures.map((check) => check.id)).toEqual([id]);
    expect(failures[0]?.rows).toBeGreaterThan(0);
    expect(failures[0]?.sample.length).toBeLessThanOrEqual(20);
  });

  it('I9 sees money that is no integer; so must I19, since STRICT forbids it', async () => {
    const temporary = await books();
    const db = temporary.raw();
    unguarded(db, () => {
      const sql =
        db.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE name='share'").pluck().get() ??
        '';
      db.exec('ALTER TABLE share RENAME TO old_share');
      db.exec(sql.replace(/\) STRICT.*/su, ')').replaceAll('amount_micro INTEGER', 'amount_micro'));
      db.exec(
        'INSERT INTO share SELECT usage_id,n,budget_id,hold_id,CAST(amount_micro AS REAL),txn_seq,volume_micro,volume_seq FROM old_share; DROP TABLE old_share',
      );
    });
    db.close();
    const failures = failuresOf(await verifyStrictly(temporary));
    expect(failures.map(({ id }) => id)).toEqual(['I9', 'I19']);
    expect(failures[0]?.sample).toEqual([['share']]);
  });

  it('I19 sees the file of another application', async () => {
    const temporary = await books();
    const db = temporary.raw();
    db.pragma('application_id=7');
    db.pragma('journal_mode=DELETE');
    db.close();
    const { place } = temporary;
    const context = { nowUs: 1, stateDirectory: place.stateDirectory };
    const failures = failuresOf(await verifyFile(place.file, context));
    expect(failures).toMatchObject([{ id: 'I19', sample: [['application_id', '7']] }]);
  });

  it('every predicate of the list was broken above', () => {
    const broken = new Set(['I9', ...BREAKS.map(([id]) => id)]);
    const known = [...PREDICATES.map(({ id }) => id), 'I8', 'I19', 'I20'];
    expect(known.filter((id) => !broken.has(id))).toEqual([]);
  });

  it('I20 only warns unless asked to be strict', async () => {
    const temporary = await books();
    const db = temporary.raw();
    unguarded(db, () => perform(db, 'UPDATE hold SET expires_s=1 WHERE hold_id=3; --rechain'));
    db.close();
    const report = await temporary.verify();
    expect(report.checks.at(-1)).toMatchObject({ id: 'I20', ok: true, isWarning: true, rows: 1 });
    expect(failuresOf(report)).toEqual([]);
  });

  it('gives at most 20 samples, and notes a clock that stepped back', async () => {
    const temporary = await books();
    const db = temporary.raw();
    unguarded(db, () => {
      for (let at = 0; at < 25; at += 1) {
        rawTxn(db, { kind: 'fund', lines: ['source 0 -1', 'free 1 1'] });
      }
      db.exec('DELETE FROM posting WHERE txn_seq>14; UPDATE txn SET at_us=1 WHERE seq=20');
      rechain(db);
      db.exec('UPDATE journal SET at_us=1 WHERE seq=20');
    });
    db.close();
    const report = await verifyStrictly(temporary);
    expect(report.checks[0]).toMatchObject({ id: 'I1', rows: 25 });
    expect(report.checks[0]?.sample).toHaveLength(20);
    expect(report.notes).toEqual([expect.stringContaining('stepped back')]);
  });
});
