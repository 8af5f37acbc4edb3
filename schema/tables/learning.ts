import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ReconciliationRow } from '../../src/core/estimate/records.ts';
import { micros, whole } from './columns.ts';

// Reconciliations, what is learned from them, how jobs performed.
// Mirrors schema/migrations, which rules: a test compares the two.

export const reconciliation = sqliteTable('reconciliation', {
  reconId: whole('recon_id').primaryKey(),
  atUs: whole('at_us').notNull(),
  day: whole('day').notNull(),
  source: text('source').$type<ReconciliationRow['source']>().notNull(),
  job: text('job').notNull(),
  holdId: whole('hold_id'),
  account: text('account').notNull(),
  partition: text('partition').notNull(),
  profile: text('profile').notNull(),
  state: text('state').notNull(),
  txnSeq: whole('txn_seq'),
  estimated: micros('estimated_micro'),
  actual: micros('actual_micro').notNull(),
  hold: micros('hold_micro').notNull(),
  released: micros('released_micro').notNull(),
  additional: micros('additional_micro').notNull(),
  variancePct: text('variance_pct').notNull(),
  ratio: text('ratio').notNull(),
  accuracy: text('accuracy').notNull(),
  priced: whole('priced').notNull(),
  learned: whole('learned').notNull(),
  success: whole('success').notNull(),
  error: text('error').notNull(),
  durationMs: whole('duration_ms').notNull(),
  payload: text('payload').notNull(),
});

export const costSample = sqliteTable('cost_sample', {
  sampleId: whole('sample_id').primaryKey(),
  holdId: whole('hold_id').notNull(),
  account: text('account').notNull(),
  partition: text('partition').notNull(),
  profile: text('profile').notNull(),
  ratio: text('ratio').notNull(),
  accuracy: text('accuracy').notNull(),
});

export const costModel = sqliteTable(
  'cost_model',
  {
    account: text('account').notNull(),
    partition: text('partition').notNull(),
    profile: text('profile').notNull(),
    factor: text('factor').notNull(),
    samples: whole('samples').notNull(),
    meanAccuracy: text('mean_accuracy').notNull(),
    updatedUs: whole('updated_us').notNull(),
  },
  (table) => [primaryKey({ columns: [table.account, table.partition, table.profile] })],
);

export const performance = sqliteTable('performance', {
  holdId: whole('hold_id').primaryKey(),
  atUs: whole('at_us').notNull(),
  day: whole('day').notNull(),
  job: text('job').notNull(),
  account: text('account').notNull(),
  partition: text('partition').notNull(),
  profile: text('profile').notNull(),
  cpuEfficiency: text('cpu_efficiency'),
  memoryEfficiency: text('memory_efficiency'),
  gpuEfficiency: text('gpu_efficiency'),
  traits: text('traits').notNull(),
  ratio: text('ratio').notNull(),
  advice: text('advice').notNull(),
});
