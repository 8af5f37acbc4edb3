import type { Change } from '../../core/ledger/change.ts';
import { alertTable, deadlineTable, messageTable } from './alert-tables.ts';
import { type Keep, put } from './put.ts';
import type { Statements } from './statements.ts';

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
