import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { HoldState } from '../../src/core/ledger/rows.ts';
import { micros, whole } from './columns.ts';

// Holds: money set aside for jobs.
// Mirrors schema/migrations, which rules: a test compares the two.

export const hold = sqliteTable('hold', {
  holdId: whole('hold_id').primaryKey(),
  clusterId: whole('cluster_id').notNull(),
  budgetId: whole('budget_id').notNull(),
  token: text('token').notNull(),
  parentId: whole('parent_id'),
  tasks: whole('tasks').notNull(),
  jobId: whole('job_id'),
  arrayTask: whole('array_task').notNull(),
  submitS: whole('submit_s'),
  restart: whole('restart').notNull(),
  partition: text('partition').notNull(),
  userName: text('user_name').notNull(),
  amount: micros('amount_micro').notNull(),
  fa: micros('fa_micro').notNull(),
  state: text('state').$type<HoldState>().notNull(),
  openedSeq: whole('opened_seq').notNull(),
  endedSeq: whole('ended_seq'),
  expiresS: whole('expires_s').notNull(),
  pricing: text('pricing').notNull(),
  moves: whole('moves').notNull(),
  createdUs: whole('created_us').notNull(),
});
