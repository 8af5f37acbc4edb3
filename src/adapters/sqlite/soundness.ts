import type Database from 'better-sqlite3';
import { openDatabase } from '../../native/database.ts';
import type { SqlRow } from './cells.ts';
import { text } from './cells.ts';
import { applyMigration, loadMigrations } from './migrations.ts';
import { APPLICATION_ID } from './open.ts';

// I19: the file itself, and that its schema is the one that we made.

type Report = (violation: readonly (string | null)[]) => void;

const OBJECTS =
  "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' AND sql IS NOT NULL";
const LAX_TABLES = `SELECT name FROM pragma_table_list
  WHERE schema='main' AND type='table' AND strict=0 AND name NOT LIKE 'sqlite!_%' ESCAPE '!'`;

function objectsOf(db: Database.Database): ReadonlyMap<string, string> {
  return new Map(
    db
      .prepare<[], SqlRow>(OBJECTS)
      .all()
      .map((row) => [`${text(row, 'type')} ${text(row, 'name')}`, text(row, 'sql')]),
  );
}

/** The schema of that version, made in memory. */
async function expectedObjects(
  stateDirectory: string,
  version: number,
): Promise<ReadonlyMap<string, string>> {
  const db = openDatabase({ file: ':memory:', stateDirectory, busyMilliseconds: 0 });
  try {
    for (const migration of await loadMigrations()) {
      if (migration.version <= version) {
        applyMigration(db, migration);
      }
    }
    return objectsOf(db);
  } finally {
    db.close();
  }
}

function checkSchema(
  db: Database.Database,
  expected: ReadonlyMap<string, string>,
  report: Report,
): void {
  const found = objectsOf(db);
  for (const [name, sql] of expected) {
    if (found.get(name) !== sql) {
      report([name, found.has(name) ? 'differs' : 'missing']);
    }
  }
  for (const name of found.keys()) {
    if (name.startsWith('trigger ') && !expected.has(name)) {
      report([name, 'not ours']);
    }
  }
  for (const row of db.prepare<[], SqlRow>(LAX_TABLES).all()) {
    report([`table ${text(row, 'name')}`, 'not STRICT']);
  }
}

function pragma(db: Database.Database, name: string): number {
  return Number(db.prepare<[], unknown>(`PRAGMA ${name}`).pluck().get());
}

/** Calls `report` for each violation of I19. */
export async function soundness(
  stateDirectory: string,
  version: number,
): Promise<(db: Database.Database, report: Report) => void> {
  const expected = await expectedObjects(stateDirectory, version);
  return (db, report) => {
    for (const line of db.prepare<[], string>('PRAGMA integrity_check(20)').pluck().all()) {
      if (line !== 'ok') {
        report(['integrity_check', line]);
      }
    }
    for (const row of db.prepare<[], SqlRow>('PRAGMA foreign_key_check').iterate()) {
      report(['foreign_key_check', ...Object.values(row).map(String)]);
    }
    for (const [name, value] of [
      ['application_id', APPLICATION_ID],
      ['user_version', version],
    ] as const) {
      const got = pragma(db, name);
      if (got !== value) {
        report([name, String(got)]);
      }
    }
    checkSchema(db, expected, report);
  };
}
