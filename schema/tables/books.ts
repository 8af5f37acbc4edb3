import { blob, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { LedgerAccountKind, TxnKind } from '../../src/core/ledger/rows.ts';
import { micros, whole } from './columns.ts';

// The double-entry books and the sums that are kept of them.
// Mirrors schema/migrations, which rules: a test compares the two.

export const ledgerAccount = sqliteTable('ledger_account', {
  laId: whole('la_id').primaryKey(),
  ownerId: whole('owner_id').notNull(),
  kind: text('kind').$type<LedgerAccountKind>().notNull(),
});

export const txn = sqliteTable('txn', {
  seq: whole('seq').primaryKey(),
  atUs: whole('at_us').notNull(),
  kind: text('kind').$type<TxnKind>().notNull(),
  cause: text('cause').notNull(),
  over: whole('over').$type<0 | 1 | 2>().notNull(),
  effectiveS: whole('effective_s').notNull(),
  day: whole('day').notNull(),
  clusterId: whole('cluster_id'),
  holdId: whole('hold_id'),
  parent: whole('parent'),
  reverses: whole('reverses'),
});

export const posting = sqliteTable(
  'posting',
  {
    txnSeq: whole('txn_seq').notNull(),
    line: whole('line').notNull(),
    laId: whole('la_id').notNull(),
    amount: micros('amount_micro').notNull(),
    holdId: whole('hold_id'),
    partition: text('partition').notNull(),
  },
  (t) => [primaryKey({ columns: [t.txnSeq, t.line] })],
);

export const balance = sqliteTable('balance', {
  laId: whole('la_id').primaryKey(),
  amount: micros('amount_micro').notNull(),
});

export const partitionBalance = sqliteTable(
  'partition_balance',
  {
    laId: whole('la_id').notNull(),
    partition: text('partition').notNull(),
    amount: micros('amount_micro').notNull(),
  },
  (t) => [primaryKey({ columns: [t.laId, t.partition] })],
);

export const below = sqliteTable('below', {
  accountId: whole('account_id').primaryKey(),
  held: micros('held_micro').notNull(),
  spent: micros('spent_micro').notNull(),
});

export const daySpend = sqliteTable(
  'day_spend',
  {
    budgetId: whole('budget_id').notNull(),
    day: whole('day').notNull(),
    partition: text('partition').notNull(),
    spent: micros('spent_micro').notNull(),
    fa: micros('fa_micro').notNull(),
  },
  (t) => [primaryKey({ columns: [t.budgetId, t.day, t.partition] })],
);

export const jobDay = sqliteTable(
  'job_day',
  {
    accountId: whole('account_id').notNull(),
    day: whole('day').notNull(),
    since: whole('since').notNull(),
    jobs: whole('jobs').notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.day, t.since] })],
);

export const idem = sqliteTable(
  'idem',
  {
    scope: text('scope').notNull(),
    key: text('key').notNull(),
    requestHash: blob('request_hash', { mode: 'buffer' }).notNull(),
    txnSeq: whole('txn_seq'),
    answer: text('answer').notNull(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.key] })],
);

export const journal = sqliteTable('journal', {
  seq: whole('seq').primaryKey(),
  atUs: whole('at_us').notNull(),
  actorUid: whole('actor_uid').notNull(),
  actor: text('actor').notNull(),
  verb: text('verb').notNull(),
  txnSeq: whole('txn_seq'),
  body: text('body').notNull(),
  prevHash: blob('prev_hash', { mode: 'buffer' }).notNull(),
  hash: blob('hash', { mode: 'buffer' }).notNull(),
});
