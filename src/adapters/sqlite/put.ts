import type { Cell } from './cells.ts';
import type { Statements } from './statements.ts';
import { insertSql, putSql, type Table } from './tables.ts';

/** Takes what the journal must tell of a row: its cells, or of one that is gone its key. */
export type Keep = (table: Pick<Table<never>, 'name' | 'columns'>, cells: readonly Cell[]) => void;

type Writable<Row> = Pick<Table<Row>, 'name' | 'columns' | 'keys' | 'cells'>;

/** A new row, or the new cells of the one with its key; returns them. */
export function put<Row>(sql: Statements, table: Writable<Row>, row: Row): readonly Cell[] {
  const cells = table.cells(row);
  sql.run(putSql(table), ...cells);
  return cells;
}

export function insert<Row>(sql: Statements, table: Writable<Row>, row: Row): void {
  sql.run(insertSql(table), ...table.cells(row));
}
