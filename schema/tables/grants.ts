import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { micros, whole } from './columns.ts';

// Awards, indirect costs, entries outside SLURM and schedules.
// Mirrors schema/migrations, which rules: a test compares the two.

export const award = sqliteTable('award', {
  awardId: whole('award_id').primaryKey(),
  number: text('number').notNull(),
  amount: micros('amount_micro').notNull(),
  startS: whole('start_s').notNull(),
  endS: whole('end_s').notNull(),
});

export const awardChange = sqliteTable('award_change', {
  changeId: whole('change_id').primaryKey(),
  awardId: whole('award_id').notNull(),
  kind: text('kind').notNull(),
  delta: micros('delta_micro').notNull(),
  effectiveS: whole('effective_s').notNull(),
  reference: text('reference').notNull(),
  detail: text('detail').notNull(),
});

export const faRate = sqliteTable('fa_rate', {
  rateId: whole('rate_id').primaryKey(),
  awardId: whole('award_id').notNull(),
  rateE4: whole('rate_e4').notNull(),
  base: text('base').notNull(),
  fromDay: whole('from_day').notNull(),
  toDay: whole('to_day').notNull(),
});

export const fa = sqliteTable(
  'fa',
  {
    rateId: whole('rate_id').notNull(),
    txnSeq: whole('txn_seq').notNull(),
    base: micros('base_micro').notNull(),
    amount: micros('amount_micro').notNull(),
    cumBase: micros('cum_base_micro').notNull(),
    cum: micros('cum_micro').notNull(),
  },
  (t) => [primaryKey({ columns: [t.rateId, t.txnSeq] })],
);

export const entry = sqliteTable('entry', {
  entryId: whole('entry_id').primaryKey(),
  awardId: whole('award_id').notNull(),
  day: whole('day').notNull(),
  category: text('category').notNull(),
  kind: text('kind').notNull(),
  share: text('share').notNull(),
  inMtdc: whole('in_mtdc').notNull(),
  amount: micros('amount_micro').notNull(),
  reference: text('reference').notNull(),
  txnSeq: whole('txn_seq'),
});

export const schedule = sqliteTable('schedule', {
  scheduleId: whole('schedule_id').primaryKey(),
  budgetId: whole('budget_id').notNull(),
  total: micros('total_micro').notNull(),
  amount: micros('amount_micro').notNull(),
  unspent: text('unspent').notNull(),
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
