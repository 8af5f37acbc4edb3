import type { Change } from '../../core/ledger/change.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import { changeAlert } from './apply-alert.ts';
import { changeSchedule, insertRun, removeSchedules } from './apply-schedule.ts';
import type { Cell } from './cells.ts';
import type { Moment } from './moment.ts';
import type { Statements } from './statements.ts';
import type { Table } from './tables.ts';
import { loadAlerts } from './view-alerts.ts';
import { changeLearning, isLearning, loadLearning } from './view-learning.ts';
import { loadSchedules } from './view-schedules.ts';
import { loadProposals, loadTxns } from './view-txns.ts';

// The tables that submit and modify have no use for (budget-side-later.ts).

type Keep = (table: Pick<Table<never>, 'name' | 'columns'>, cells: readonly Cell[]) => void;
type Seen = Pick<View, 'schedules' | 'txns' | 'proposals' | 'alerts' | 'learning'>;

export function viewOfBudgetSide(
  sql: Statements,
  { schedules, txns, proposals, alerts, learning }: Query,
  moment: Moment,
): Seen {
  return {
    schedules: schedules && loadSchedules(sql, schedules, moment),
    txns: txns && loadTxns(sql, txns),
    proposals: proposals && loadProposals(sql, proposals),
    alerts: alerts && loadAlerts(sql, alerts),
    learning: learning && loadLearning(sql, learning),
  };
}

/** `keep` takes what the journal must tell of a row. */
export function changeBudgetSide(sql: Statements, change: Change, keep: Keep): void {
  if (isLearning(change)) {
    changeLearning(sql, change);
  } else {
    changeSchedule(sql, change, keep);
    changeAlert(sql, change, keep);
  }
}

/** The rest of the room, by the names that it has there. */
export const schedules = { insertRun, removeSchedules };
