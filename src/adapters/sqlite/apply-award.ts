import type { Change } from '../../core/ledger/change.ts';
import {
  awardChangeTable,
  awardReportTable,
  awardTable,
  costShareTable,
  entryTable,
  faRateTable,
  faTable,
} from './award-tables.ts';
import { insert, type Keep, put } from './put.ts';
import type { Statements } from './statements.ts';

/** Rows of grants that stand before the postings; `keep` takes the images for the journal. */
export function changeAward(sql: Statements, change: Change, keep: Keep): void {
  switch (change.change) {
    case 'putAward':
      keep(awardTable, put(sql, awardTable, change.row));
      break;
    case 'putFaRate':
      keep(faRateTable, put(sql, faRateTable, change.row));
      break;
    case 'insertAwardChange':
      insert(sql, awardChangeTable, change.row);
      break;
    case 'putAwardReport':
      put(sql, awardReportTable, change.row);
      break;
    default:
  }
}

/** Rows that name the transaction they belong to: after the postings. */
export function addToTxn(sql: Statements, change: Change): void {
  switch (change.change) {
    case 'insertFa':
      insert(sql, faTable, change.row);
      break;
    case 'insertEntry':
      insert(sql, entryTable, change.row);
      break;
    case 'insertCostShare':
      insert(sql, costShareTable, change.row);
      break;
    default:
  }
}
