import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type {
  AlertEvent,
  AlertStatus,
  AlertType,
  Channel,
  DeadlineType,
  MessageRow,
  Severity,
} from '../../src/core/alerts/rows.ts';
import { whole } from './columns.ts';

// Alerts, the messages about them, deadlines.
// Mirrors schema/migrations, which rules: a test compares the two.

export const alert = sqliteTable('alert', {
  alertId: whole('alert_id').primaryKey(),
  accountId: whole('account_id'),
  awardId: whole('award_id'),
  type: text('type').$type<AlertType>().notNull(),
  rule: text('rule').notNull(),
  severity: text('severity').$type<Severity>().notNull(),
  status: text('status').$type<AlertStatus>().notNull(),
  threshold: text('threshold').notNull(),
  actual: text('actual').notNull(),
  message: text('message').notNull(),
  details: text('details').notNull(),
  triggeredUs: whole('triggered_us').notNull(),
  updatedUs: whole('updated_us').notNull(),
  acknowledgedUs: whole('acknowledged_us'),
  acknowledgedBy: text('acknowledged_by').notNull(),
  notes: text('notes').notNull(),
  snoozedUntilS: whole('snoozed_until_s'),
  resolvedUs: whole('resolved_us'),
});

export const outbox = sqliteTable('outbox', {
  messageId: whole('message_id').primaryKey(),
  alertId: whole('alert_id').notNull(),
  messageKey: text('message_key').notNull(),
  channel: text('channel').$type<Channel>().notNull(),
  target: text('target').notNull(),
  event: text('event').$type<AlertEvent>().notNull(),
  body: text('body').notNull(),
  state: text('state').$type<MessageRow['state']>().notNull(),
  attempts: whole('attempts').notNull(),
  createdUs: whole('created_us').notNull(),
  nextUs: whole('next_us').notNull(),
  leaseUs: whole('lease_us'),
  doneUs: whole('done_us'),
  error: text('error').notNull(),
});

export const deadline = sqliteTable('deadline', {
  deadlineId: whole('deadline_id').primaryKey(),
  accountId: whole('account_id'),
  awardId: whole('award_id'),
  type: text('type').$type<DeadlineType>().notNull(),
  description: text('description').notNull(),
  day: whole('day').notNull(),
  budgetImpact: text('budget_impact').notNull(),
  recommendations: text('recommendations').notNull(),
  removed: whole('removed').notNull(),
  createdUs: whole('created_us').notNull(),
});
