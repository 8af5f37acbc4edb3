import type Database from 'better-sqlite3';
import { openDatabase } from '../../native/database.ts';
import { Complaint } from '../complaint.ts';
import type { Run } from '../model/run-picture.ts';
import { SCHEMA } from './schema.ts';
import { type Settings, settingsOf } from './settings.ts';

const BUSY_MILLISECONDS = 30_000;

export interface StoredRun {
  readonly runId: number;
  readonly run: Run;
}

export interface Person {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The emulator's SQLite file. All integers are plain numbers: microseconds stay below 2^53. */
export class Store {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(directory: string) {
    this.#db = openDatabase({
      file: `${directory}/emulator.db`,
      stateDirectory: directory,
      busyMilliseconds: BUSY_MILLISECONDS,
    });
    this.#db.defaultSafeIntegers(false);
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = OFF'); // a double: after a crash of the machine the day is played anew
  }

  createTables(): void {
    this.#db.exec(SCHEMA);
  }

  close(): void {
    this.#db.close();
  }

  /** One transaction that excludes all other writers from its start. */
  exclusively<T>(work: () => T): T {
    return this.#db.transaction(work).immediate();
  }

  /** One snapshot for all that is read. */
  consistently<T>(work: () => T): T {
    return this.#db.transaction(work).deferred();
  }

  run(sql: string, ...values: readonly (string | number)[]): number {
    return this.#prepare(sql).run(...values).changes;
  }

  rows<T>(sql: string, ...values: readonly (string | number)[]): readonly T[] {
    // Only this file's own SQL is asked, and its columns are those of SCHEMA.
    return this.#prepare(sql).all(...values) as T[];
  }

  settings(): Settings {
    const rows = this.rows<{ key: string; value: string }>('SELECT key, value FROM setting');
    return settingsOf(new Map(rows.map(({ key, value }) => [key, value])));
  }

  meta(key: string, otherwise = 0): number {
    return (
      this.rows<{ value: number }>('SELECT value FROM meta WHERE key = ?', key)[0]?.value ??
      otherwise
    );
  }

  setMeta(key: string, value: number): void {
    this.run(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      key,
      value,
    );
  }

  person(name: string): Person {
    const found = this.personIfKnown(name);
    if (found === undefined) {
      throw new Complaint(`error: Invalid user id: ${name}`);
    }
    return found;
  }

  personIfKnown(name: string): Person | undefined {
    return this.rows<Person>('SELECT name, uid, gid FROM person WHERE name = ?', name)[0];
  }

  script(jobId: number): string | undefined {
    return this.rows<{ text: string }>('SELECT text FROM script WHERE job_id = ?', jobId)[0]?.text;
  }

  tell(runId: number, visibleUs: number, run: Run): void {
    const doc = JSON.stringify(run);
    // Of two changes in one instant only the later was ever to be seen.
    this.run('DELETE FROM run WHERE run_id = ? AND visible_us = ?', runId, visibleUs);
    this.run(
      'INSERT INTO run (run_id, job_id, visible_us, doc) VALUES (?, ?, ?, ?)',
      runId,
      run.jobId,
      visibleUs,
      doc,
    );
  }

  /** What slurmdbd shows at that instant, of all jobs or of the records named. */
  runsAt(atUs: number): readonly StoredRun[] {
    return this.rows<{ run_id: number; doc: string }>(
      `SELECT run_id, doc FROM run AS r WHERE visible_us =
         (SELECT max(visible_us) FROM run WHERE run_id = r.run_id AND visible_us <= ?)
       ORDER BY run_id`,
      atUs,
    ).map((row) => ({ runId: row.run_id, run: JSON.parse(row.doc) as Run })); // written by tell()
  }

  #prepare(sql: string): Database.Statement {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
