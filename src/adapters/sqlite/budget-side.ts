import type { Change } from '../../core/ledger/change.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import { changeAlert } from './apply-alert.ts';
import { changeSchedule, insertRun, removeSchedules } from './apply-schedule.ts';
import type { Moment } from './moment.ts';
import type { Keep } from './put.ts';
import type { Statements } from './statements.ts';
import { loadAlerts } from './view-alerts.ts';
import { changeLearning, isLearning, loadLearning } from './view-learning.ts';
import { loadSchedules } from './view-schedules.ts';
import { loadProposals, loadTxns } from './view-txns.ts';

// The tables that submit and modify have no use for (budget-side-later.ts).

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

/** Rows that name the transaction they belong to: after the postings. */
export function addBudgetSideToTxn(sql: Statements, change: Change): void {
  insertRun(sql, change);
}

/** What an account that is erased has here; `drop` takes the keys. */
export function removeBudgetSide(sql: Statements, accountId: number, drop: Keep): void {
  removeSchedules(sql, accountId, drop);
}
