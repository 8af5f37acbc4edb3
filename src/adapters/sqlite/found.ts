import type { SqlRow } from './cells.ts';
import type { Statements } from './statements.ts';

type Key = number | string;

export interface Finding<Row> {
  readonly clusterId: number;
  readonly row: (cells: SqlRow) => Row;
  readonly keyOf: (row: Row) => Key;
}

/** Rows found by several ways, each row once. Texts take the cluster first, then a JSON list. */
export class Found<Row> {
  readonly #sql: Statements;
  readonly #finding: Finding<Row>;
  readonly #rows = new Map<Key, Row>();

  constructor(sql: Statements, finding: Finding<Row>) {
    this.#sql = sql;
    this.#finding = finding;
  }

  add(text: string, ...more: readonly Key[]): void {
    for (const cells of this.#sql.all(text, this.#finding.clusterId, ...more)) {
      const row = this.#finding.row(cells);
      this.#rows.set(this.#finding.keyOf(row), row);
    }
  }

  addListed(text: string, values: readonly Key[] = []): void {
    if (values.length > 0) {
      this.add(text, JSON.stringify(values));
    }
  }

  has(key: Key): boolean {
    return this.#rows.has(key);
  }

  keys(): readonly Key[] {
    return [...this.#rows.keys()];
  }

  sorted(compare: (a: Row, b: Row) => number): readonly Row[] {
    return [...this.#rows.values()].toSorted(compare);
  }
}
