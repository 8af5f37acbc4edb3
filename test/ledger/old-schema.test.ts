import { expect, it } from 'vitest';
import { migrateLedger } from '../../src/adapters/sqlite/migrate.ts';
import { applyMigration, loadMigrations } from '../../src/adapters/sqlite/migrations.ts';
import { SCHEMA_VERSION } from '../../src/adapters/sqlite/open.ts';
import { completeBooks } from '../support/books-by-hand.ts';
import { temporaryLedger } from '../support/ledger.ts';

/** A file of the first schema, its books full, in the place of a new one. */
async function oldBooks() {
  const temporary = await temporaryLedger();
  temporary.ledger.close();
  const db = temporary.raw();
  const objects = db
    .prepare<[], Record<'type' | 'name', string>>(
      "SELECT type, name FROM sqlite_schema WHERE type IN('table','view') AND name NOT LIKE 'sqlite%'",
    )
    .all();
  db.pragma('foreign_keys=OFF');
  for (const { type, name } of objects) {
    db.exec(`DROP ${type} ${name}`);
  }
  const [first] = await loadMigrations();
  if (first !== undefined) {
    applyMigration(db, first);
  }
  completeBooks(db);
  db.close();
  return temporary;
}

it('books of the first schema migrate, and every row still stands as its journal says', async () => {
  const temporary = await oldBooks();
  const report = await migrateLedger(temporary.place, temporary.clock.nowUs());
  expect(report).toMatchObject({ from: 1, to: SCHEMA_VERSION });
  expect(report.backup).toMatch(/ledger-1-/u);
  expect(await temporary.broken()).toEqual([]);
  const { awards } = await temporary.open().read({ awards: { all: true } });
  expect(awards?.awards).toMatchObject([
    { award: { number: 'R01', status: 'active', coPis: [] }, rates: [{ type: 'predetermined' }] },
  ]);
});

it('a new column that says something else than its default is seen by the journal', async () => {
  const temporary = await oldBooks();
  temporary.mayBeBroken();
  await migrateLedger(temporary.place, temporary.clock.nowUs());
  const db = temporary.raw();
  db.exec("UPDATE award SET agency='NSF'");
  db.close();
  expect(await temporary.broken()).toContain('I8');
});
