import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ScheduleRow } from '../../src/core/schedule/rows.ts';
import { micros, whole } from './columns.ts';

// Allocation schedules, and corrections that wait for a second person.
// Mirrors schema/migrations, which rules: a test compares the two.

export const schedule = sqliteTable('schedule', {
  scheduleId: whole('schedule_id').primaryKey(),
  budgetId: whole('budget_id').notNull(),
  total: micros('total_micro').notNull(),
  amount: micros('amount_micro').notNull(),
  unspent: text('unspent').$type<ScheduleRow['unspent']>().notNull(),
  frequency: text('frequency').$type<ScheduleRow['frequency']>().notNull(),
  status: text('status').$type<ScheduleRow['status']>().notNull(),
  auto: whole('auto').notNull(),
  startDay: whole('start_day').notNull(),
  endDay: whole('end_day'),
  anchorDay: whole('anchor_day').notNull(),
  anchorIndex: whole('anchor_index').notNull(),
  nextDay: whole('next_day'),
  createdUs: whole('created_us').notNull(),
  updatedUs: whole('updated_us').notNull(),
});

export const scheduleRun = sqliteTable(
  'schedule_run',
  {
    scheduleId: whole('schedule_id').notNull(),
    dueDay: whole('due_day').notNull(),
    txnSeq: whole('txn_seq').notNull(),
  },
  (t) => [primaryKey({ columns: [t.scheduleId, t.dueDay] })],
);

export const proposal = sqliteTable('proposal', {
  proposalId: whole('proposal_id').primaryKey(),
  atUs: whole('at_us').notNull(),
  uid: whole('uid').notNull(),
  verb: text('verb').notNull(),
  args: text('args').notNull(),
  approvedUs: whole('approved_us'),
  approvedUid: whole('approved_uid'),
  approvedSeq: whole('approved_seq'),
});
