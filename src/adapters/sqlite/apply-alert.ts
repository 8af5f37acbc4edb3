import type { Change } from '../../core/ledger/change.ts';
import { alertTable, deadlineTable, messageTable } from './alert-tables.ts';
import type { Cell } from './cells.ts';
import type { Statements } from './statements.ts';
import { putSql, type Table } from './tables.ts';

type Keep = (table: Pick<Table<never>, 'name' | 'columns'>, cells: readonly Cell[]) => void;

function put<Row>(sql: Statements, table: Table<Row>, row: Row): readonly Cell[] {
  const cells = table.cells(row);
  sql.run(putSql(table), ...cells);
  return cells;
}

/**
 * Alerts and deadlines, with images for the journal. A message leaves none: what it tells stands in the
 * alert's image, and how often it was tried is nobody's book.
 */
export function changeAlert(sql: Statements, change: Change, keep: Keep): void {
  switch (change.change) {
    case 'putAlert':
      keep(alertTable, put(sql, alertTable, change.row));
      break;
    case 'putDeadline':
      keep(deadlineTable, put(sql, deadlineTable, change.row));
      break;
    case 'putMessage':
      put(sql, messageTable, change.row);
      break;
    default:
  }
}
