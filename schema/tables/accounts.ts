import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { AccountStatus, BudgetRow } from '../../src/core/ledger/rows.ts';
import { micros, whole } from './columns.ts';

// What people and SLURM name: clusters, accounts, budgets and their limits.
// Mirrors schema/migrations, which rules: a test compares the two.

export const cluster = sqliteTable('cluster', {
  clusterId: whole('cluster_id').primaryKey(),
  name: text('name').notNull(),
});

export const account = sqliteTable('account', {
  accountId: whole('account_id').primaryKey(),
  name: text('name').notNull(),
  parentId: whole('parent_id'),
  status: text('status').$type<AccountStatus>().notNull(),
  startS: whole('start_s').notNull(),
  endS: whole('end_s').notNull(),
  title: text('title').notNull(),
  description: text('description').notNull(),
  createdUs: whole('created_us').notNull(),
  updatedUs: whole('updated_us').notNull(),
  federalShareE4: whole('federal_share_e4').notNull(),
});

export const slurmName = sqliteTable(
  'slurm_name',
  {
    name: text('name').notNull(),
    clusterId: whole('cluster_id').notNull(),
    accountId: whole('account_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.name, t.clusterId] })],
);

export const budget = sqliteTable('budget', {
  budgetId: whole('budget_id').primaryKey(),
  accountId: whole('account_id').notNull(),
  awardId: whole('award_id'),
  rank: whole('rank').notNull(),
  basis: text('basis').$type<BudgetRow['basis']>().notNull(),
  closed: whole('closed').notNull(),
});

export const partitionLimit = sqliteTable(
  'partition_limit',
  {
    accountId: whole('account_id').notNull(),
    partition: text('partition').notNull(),
    limit: micros('limit_micro').notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.partition] })],
);
