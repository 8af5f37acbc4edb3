import type { Change } from '../../core/ledger/change.ts';
import type { Cell } from './cells.ts';
import { proposalTable, scheduleRunTable, scheduleTable } from './schedule-tables.ts';
import type { Statements } from './statements.ts';
import { insertSql, putSql, type Table } from './tables.ts';

const PUT = putSql(scheduleTable);
const PUT_PROPOSAL = putSql(proposalTable);
const OF_ACCOUNT =
  'SELECT schedule_id FROM schedule WHERE budget_id IN(SELECT budget_id FROM budget WHERE account_id=?)';
const INSERT_RUN = insertSql(scheduleRunTable);

/** `image` takes what the journal must tell of the row. */
export function changeSchedule(
  sql: Statements,
  change: Change,
  image: (table: Pick<Table<never>, 'name' | 'columns'>, cells: readonly Cell[]) => void,
): void {
  if (change.change === 'putSchedule') {
    const cells = scheduleTable.cells(change.row);
    sql.run(PUT, ...cells);
    image(scheduleTable, cells);
  }
}

/** Of an account that is erased: nothing of them was ever posted. `drop` takes the keys. */
export function removeSchedules(
  sql: Statements,
  accountId: number,
  drop: (table: Pick<Table<never>, 'name' | 'columns'>, key: readonly Cell[]) => void,
): void {
  for (const cells of sql.all(OF_ACCOUNT, accountId)) {
    drop(scheduleTable, [cells['schedule_id'] ?? null]);
    sql.run('DELETE FROM schedule WHERE schedule_id=?', cells['schedule_id'] ?? null);
  }
}

/** After the posts: a run and an approved proposal name their transaction. */
export function insertRun(sql: Statements, change: Change): void {
  if (change.change === 'insertScheduleRun') {
    sql.run(INSERT_RUN, ...scheduleRunTable.cells(change.row));
  } else if (change.change === 'putProposal') {
    sql.run(PUT_PROPOSAL, ...proposalTable.cells(change.row));
  }
}
