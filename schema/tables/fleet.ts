import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type {
  InstanceRow,
  InstanceState,
  IntentRow,
  IntentState,
} from '../../src/core/ledger/rows.ts';
import { micros, whole } from './columns.ts';

// Launch intents, instances and what they cost.
// Mirrors schema/migrations, which rules: a test compares the two.

export const intent = sqliteTable('intent', {
  intentId: whole('intent_id').primaryKey(),
  clusterId: whole('cluster_id').notNull(),
  holdId: whole('hold_id'),
  purpose: text('purpose').$type<IntentRow['purpose']>().notNull(),
  clientToken: text('client_token').notNull(),
  request: text('request').notNull(),
  want: whole('want').notNull(),
  plannedUs: whole('planned_us').notNull(),
  sentUs: whole('sent_us'),
  state: text('state').$type<IntentState>().notNull(),
  attempt: whole('attempt').notNull(),
  jobId: whole('job_id'),
  nodes: text('nodes').notNull(),
  code: text('code').notNull(),
  aborted: whole('aborted').notNull(),
});

export const instance = sqliteTable('instance', {
  instanceId: text('instance_id').primaryKey(),
  intentId: whole('intent_id').notNull(),
  node: text('node').notNull(),
  launchS: whole('launch_s').notNull(),
  endS: whole('end_s'),
  state: text('state').$type<InstanceState>().notNull(),
  tagCluster: text('tag_cluster'),
  tagIntent: whole('tag_intent'),
  tagHold: whole('tag_hold'),
  instanceType: text('instance_type').notNull(),
  zone: text('zone').notNull(),
  lifecycle: text('lifecycle').$type<InstanceRow['lifecycle']>().notNull(),
  address: text('address').notNull(),
  rateE10: micros('rate_e10').notNull(),
  endCause: text('end_cause').notNull(),
  volumes: text('volumes').notNull(),
  priceMissing: whole('price_missing').notNull(),
});

export const usage = sqliteTable('usage', {
  usageId: whole('usage_id').primaryKey(),
  instanceId: text('instance_id').notNull(),
  fromS: whole('from_s').notNull(),
  toS: whole('to_s').notNull(),
  rateE10: micros('rate_e10').notNull(),
  amount: micros('amount_micro').notNull(),
  volume: micros('volume_micro').notNull(),
});

export const share = sqliteTable(
  'share',
  {
    usageId: whole('usage_id').notNull(),
    n: whole('n').notNull(),
    budgetId: whole('budget_id'),
    holdId: whole('hold_id'),
    amount: micros('amount_micro').notNull(),
    txnSeq: whole('txn_seq'),
    volume: micros('volume_micro').notNull(),
    volumeSeq: whole('volume_seq'),
  },
  (t) => [primaryKey({ columns: [t.usageId, t.n] })],
);

export const note = sqliteTable('note', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
});
