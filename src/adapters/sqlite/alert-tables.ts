import {
  ALERT_STATUSES,
  ALERT_TYPES,
  type AlertRow,
  DEADLINE_TYPES,
  type DeadlineRow,
  type MessageRow,
  SEVERITIES,
} from '../../core/alerts/rows.ts';
import { flag, text, whole, wholeOrNone, word } from './cells.ts';
import type { Table } from './tables.ts';

export const alertTable: Table<AlertRow> = {
  name: 'alert',
  keys: 1,
  columns: [
    ...['alert_id', 'account_id', 'award_id', 'type', 'rule', 'severity', 'status', 'threshold'],
    ...['actual', 'message', 'details', 'triggered_us', 'updated_us', 'acknowledged_us'],
    ...['acknowledged_by', 'notes', 'snoozed_until_s', 'resolved_us'],
  ],
  cells: (row) => [
    ...[row.alertId, row.accountId ?? null, row.awardId ?? null, row.type, row.rule],
    ...[row.severity, row.status, row.threshold, row.actual, row.message, row.details],
    ...[row.triggeredUs, row.updatedUs, row.acknowledgedUs ?? null, row.acknowledgedBy, row.notes],
    ...[row.snoozedUntilS ?? null, row.resolvedUs ?? null],
  ],
  row: (cells) => ({
    alertId: whole(cells, 'alert_id'),
    accountId: wholeOrNone(cells, 'account_id'),
    awardId: wholeOrNone(cells, 'award_id'),
    type: word(cells, 'type', ALERT_TYPES),
    rule: text(cells, 'rule'),
    severity: word(cells, 'severity', SEVERITIES),
    status: word(cells, 'status', ALERT_STATUSES),
    threshold: text(cells, 'threshold'),
    actual: text(cells, 'actual'),
    message: text(cells, 'message'),
    details: text(cells, 'details'),
    triggeredUs: whole(cells, 'triggered_us'),
    updatedUs: whole(cells, 'updated_us'),
    acknowledgedUs: wholeOrNone(cells, 'acknowledged_us'),
    acknowledgedBy: text(cells, 'acknowledged_by'),
    notes: text(cells, 'notes'),
    snoozedUntilS: wholeOrNone(cells, 'snoozed_until_s'),
    resolvedUs: wholeOrNone(cells, 'resolved_us'),
  }),
};

export const messageTable: Table<MessageRow> = {
  name: 'outbox',
  keys: 1,
  columns: [
    ...['message_id', 'alert_id', 'message_key', 'channel', 'target', 'event', 'body', 'state'],
    ...['attempts', 'created_us', 'next_us', 'lease_us', 'done_us', 'error'],
  ],
  cells: (row) => [
    ...[row.messageId, row.alertId, row.messageKey, row.channel, row.target, row.event, row.body],
    ...[row.state, row.attempts, row.createdUs, row.nextUs, row.leaseUs ?? null],
    ...[row.doneUs ?? null, row.error],
  ],
  row: (cells) => ({
    messageId: whole(cells, 'message_id'),
    alertId: whole(cells, 'alert_id'),
    messageKey: text(cells, 'message_key'),
    channel: word(cells, 'channel', ['smtp', 'slack', 'webhook']),
    target: text(cells, 'target'),
    event: word(cells, 'event', ['triggered', 'escalated', 'reminder', 'resolved']),
    body: text(cells, 'body'),
    state: word(cells, 'state', ['waiting', 'sending', 'sent', 'failed']),
    attempts: whole(cells, 'attempts'),
    createdUs: whole(cells, 'created_us'),
    nextUs: whole(cells, 'next_us'),
    leaseUs: wholeOrNone(cells, 'lease_us'),
    doneUs: wholeOrNone(cells, 'done_us'),
    error: text(cells, 'error'),
  }),
};

export const deadlineTable: Table<DeadlineRow> = {
  name: 'deadline',
  keys: 1,
  columns: [
    ...['deadline_id', 'account_id', 'award_id', 'type', 'description', 'day', 'budget_impact'],
    ...['recommendations', 'removed', 'created_us'],
  ],
  cells: (row) => [
    ...[row.deadlineId, row.accountId ?? null, row.awardId ?? null, row.type, row.description],
    ...[row.day, row.budgetImpact, JSON.stringify(row.recommendations), row.removed ? 1 : 0],
    row.createdUs,
  ],
  row: (cells) => ({
    deadlineId: whole(cells, 'deadline_id'),
    accountId: wholeOrNone(cells, 'account_id'),
    awardId: wholeOrNone(cells, 'award_id'),
    type: word(cells, 'type', DEADLINE_TYPES),
    description: text(cells, 'description'),
    day: whole(cells, 'day'),
    budgetImpact: text(cells, 'budget_impact'),
    // Written by us as a list of texts.
    recommendations: JSON.parse(text(cells, 'recommendations')) as readonly string[],
    removed: flag(cells, 'removed'),
    createdUs: whole(cells, 'created_us'),
  }),
};
