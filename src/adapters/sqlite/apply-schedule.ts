import type { Change } from '../../core/ledger/change.ts';
import { insert, type Keep, put } from './put.ts';
import { proposalTable, scheduleRunTable, scheduleTable } from './schedule-tables.ts';
import type { Statements } from './statements.ts';

const OF_ACCOUNT =
  'SELECT schedule_id FROM schedule WHERE budget_id IN(SELECT budget_id FROM budget WHERE account_id=?)';

export function changeSchedule(sql: Statements, change: Change, keep: Keep): void {
  if (change.change === 'putSchedule') {
    keep(scheduleTable, put(sql, scheduleTable, change.row));
  }
}

/** Of an account that is erased: nothing of them was ever posted. `drop` takes the keys. */
export function removeSchedules(sql: Statements, accountId: number, drop: Keep): void {
  for (const cells of sql.all(OF_ACCOUNT, accountId)) {
    drop(scheduleTable, [cells['schedule_id'] ?? null]);
    sql.run('DELETE FROM schedule WHERE schedule_id=?', cells['schedule_id'] ?? null);
  }
}

/** After the posts: a run and an approved proposal name their transaction. */
export function insertRun(sql: Statements, change: Change): void {
  if (change.change === 'insertScheduleRun') {
    insert(sql, scheduleRunTable, change.row);
  } else if (change.change === 'putProposal') {
    put(sql, proposalTable, change.row);
  }
}
