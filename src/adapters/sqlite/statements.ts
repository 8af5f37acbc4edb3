import type Database from 'better-sqlite3';
import type { Cell, SqlRow } from './cells.ts';

type Statement = Database.Statement<Cell[], SqlRow>;

/** Each SQL text is compiled once per connection, the usual ones before the write lock is taken. */
export class Statements {
  readonly #db: Database.Database;
  readonly #prepared = new Map<string, Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  prepare(sql: string): Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) {
      return known;
    }
    const made = this.#db.prepare<Cell[], SqlRow>(sql);
    this.#prepared.set(sql, made);
    return made;
  }

  warm(texts: readonly string[]): void {
    for (const sql of texts) {
      this.prepare(sql);
    }
  }

  all(sql: string, ...cells: readonly Cell[]): readonly SqlRow[] {
    return this.prepare(sql).all(...cells);
  }

  get(sql: string, ...cells: readonly Cell[]): SqlRow | undefined {
    return this.prepare(sql).get(...cells);
  }

  /** The number of rows changed. */
  run(sql: string, ...cells: readonly Cell[]): number {
    return this.prepare(sql).run(...cells).changes;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }
}
