import type Database from 'better-sqlite3';
import type { Cell } from './cells.ts';
import { toJson } from './journal.ts';

/** Rows of one SELECT as the journal would write them. Columns in the order of the text. */
export class RowTexts {
  readonly #statement: Database.Statement<Cell[], Cell[]>;
  readonly #columns: readonly string[];
  readonly #labels: readonly string[];

  constructor(db: Database.Database, sql: string) {
    this.#statement = db.prepare<Cell[], Cell[]>(sql).raw();
    this.#columns = this.#statement.columns().map(({ name }) => name);
    this.#labels = this.#columns.map((name) => JSON.stringify(name));
  }

  /** `{"a":1,"b":"x"}`, or undefined without a row. Canonical when the columns are in order. */
  object(...cells: readonly Cell[]): string | undefined {
    const row = this.#statement.get(...cells);
    if (row === undefined) {
      return;
    }
    const members = row.map((cell, at) => `${this.#labels[at]}:${this.#cell(cell, at)}`);
    return `{${members.join()}}`;
  }

  /** `[[1,"x"],[2,"y"]]`. */
  lists(...cells: readonly Cell[]): string {
    const rows = this.#statement.all(...cells);
    return `[${rows.map((row) => `[${row.map((cell, at) => this.#cell(cell, at)).join()}]`).join()}]`;
  }

  #cell(cell: Cell, at: number): string {
    return JSON.stringify(toJson(this.#columns[at] ?? '', cell));
  }
}
