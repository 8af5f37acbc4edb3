import type Database from 'better-sqlite3';
import type { Cell, SqlRow } from './cells.ts';

type Statement = Database.Statement<Cell[], readonly Cell[]>;

/** `columns` of its rows, asked for with the first one. */
interface Prepared {
  readonly statement: Statement;
  columns: readonly string[] | undefined;
  isListing: boolean;
}

function rowOf(columns: readonly string[], cells: readonly Cell[]): SqlRow {
  const row: Record<string, Cell> = {};
  for (let at = 0; at < columns.length; at += 1) {
    row[columns[at] ?? ''] = cells[at] ?? null;
  }
  return row;
}

/**
 * Each SQL text is compiled once per connection, the usual ones before the write lock is taken. Rows
 * come as lists of cells and are named here: for rows with names the driver compiles a function of its
 * own for each statement (by eval), which costs a hook ten times 0.06 ms.
 */
export class Statements {
  readonly #db: Database.Database;
  readonly #prepared = new Map<string, Prepared>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known !== undefined) {
      return known;
    }
    const made: Prepared = {
      statement: this.#db.prepare(sql),
      columns: undefined,
      isListing: false,
    };
    this.#prepared.set(sql, made);
    return made;
  }

  /** The names of the columns that a SELECT gives. */
  columns(sql: string): readonly string[] {
    return columnsOf(this.#prepare(sql));
  }

  warm(texts: readonly string[]): void {
    for (const sql of texts) {
      this.#prepare(sql);
    }
  }

  all(sql: string, ...cells: readonly Cell[]): readonly SqlRow[] {
    const prepared = this.#prepare(sql);
    return listing(prepared)
      .all(...cells)
      .map((row) => rowOf(columnsOf(prepared), row));
  }

  get(sql: string, ...cells: readonly Cell[]): SqlRow | undefined {
    const prepared = this.#prepare(sql);
    const row = listing(prepared).get(...cells);
    return row && rowOf(columnsOf(prepared), row);
  }

  /** The number of rows changed. */
  run(sql: string, ...cells: readonly Cell[]): number {
    return this.#prepare(sql).statement.run(...cells).changes;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }
}

function listing(prepared: Prepared): Statement {
  if (!prepared.isListing) {
    prepared.statement.raw();
    prepared.isListing = true;
  }
  return prepared.statement;
}

function columnsOf(prepared: Prepared): readonly string[] {
  prepared.columns ??= prepared.statement.columns().map(({ name }) => name);
  return prepared.columns;
}
