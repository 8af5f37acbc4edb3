import type { AlertRow, DeadlineRow, MessageRow } from '../../core/alerts/rows.ts';
import type { AlertSelector, AlertsView } from '../../core/alerts/view.ts';
import { alertTable, deadlineTable, messageTable } from './alert-tables.ts';
import { whole } from './cells.ts';
import type { Statements } from './statements.ts';

const LISTED = 'IN(SELECT value FROM json_each(?))';
const ALERTS = `SELECT * FROM alert WHERE alert_id ${LISTED} ORDER BY alert_id`;
const STANDING = 'SELECT * FROM alert WHERE resolved_us IS NULL ORDER BY alert_id';
/** No pause or lease is that long: what waits longer was written by a clock that has been set back. */
const WAIT_US_MAX = 7_200_000_000;
const DUE = `SELECT * FROM outbox WHERE state='waiting' AND (next_us<=? OR next_us>?)
  UNION ALL SELECT * FROM outbox WHERE state='sending' AND (lease_us<=? OR lease_us>?) ORDER BY message_id`;
const MESSAGES = `SELECT * FROM outbox WHERE message_id ${LISTED} ORDER BY message_id`;
const OPEN_MESSAGES = `SELECT * FROM outbox
  WHERE alert_id ${LISTED} AND state IN('waiting','sending') ORDER BY message_id`;
const DEADLINES = `SELECT * FROM deadline WHERE deadline_id ${LISTED} ORDER BY deadline_id`;
const DEADLINES_ON = 'SELECT * FROM deadline WHERE removed=0 AND day=? ORDER BY deadline_id';
const NEXT = `SELECT (SELECT COALESCE(MAX(alert_id),0) FROM alert)+1 alert_id,
  (SELECT COALESCE(MAX(message_id),0) FROM outbox)+1 message_id,
  (SELECT COALESCE(MAX(deadline_id),0) FROM deadline)+1 deadline_id`;

function alertsOf(sql: Statements, { ids, standing }: AlertSelector): readonly AlertRow[] {
  const rows = [
    ...(standing === true ? sql.all(STANDING) : []),
    ...(ids === undefined ? [] : sql.all(ALERTS, JSON.stringify(ids))),
  ].map(alertTable.row);
  return [...new Map(rows.map((row) => [row.alertId, row])).values()];
}

function messagesOf(
  sql: Statements,
  { messagesDueUs, messageIds, openMessages }: AlertSelector,
  alerts: readonly AlertRow[],
): readonly MessageRow[] {
  const dueUs = messagesDueUs ?? 0;
  const range = [dueUs, dueUs + WAIT_US_MAX] as const;
  const ofThese = JSON.stringify(alerts.map(({ alertId }) => alertId));
  return [
    ...(messagesDueUs === undefined ? [] : sql.all(DUE, ...range, ...range)),
    ...(messageIds === undefined ? [] : sql.all(MESSAGES, JSON.stringify(messageIds))),
    ...(openMessages === true ? sql.all(OPEN_MESSAGES, ofThese) : []),
  ].map(messageTable.row);
}

function deadlinesOf(
  sql: Statements,
  { deadlineIds, deadlinesOn }: AlertSelector,
): readonly DeadlineRow[] {
  return [
    ...(deadlineIds === undefined ? [] : sql.all(DEADLINES, JSON.stringify(deadlineIds))),
    ...(deadlinesOn === undefined ? [] : sql.all(DEADLINES_ON, deadlinesOn)),
  ].map(deadlineTable.row);
}

/** Runs inside the caller's transaction. */
export function loadAlerts(sql: Statements, selector: AlertSelector): AlertsView {
  const next = sql.get(NEXT) ?? {};
  const alerts = alertsOf(sql, selector);
  return {
    alerts,
    messages: messagesOf(sql, selector, alerts),
    deadlines: deadlinesOf(sql, selector),
    next: {
      alertId: whole(next, 'alert_id'),
      messageId: whole(next, 'message_id'),
      deadlineId: whole(next, 'deadline_id'),
    },
  };
}
