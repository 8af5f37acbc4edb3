import { primaryKey, sqliteTable } from 'drizzle-orm/sqlite-core';
import { micros, whole } from './columns.ts';

// The cache of daily burn rates. Mirrors schema/migrations, which rules: a test compares the two.

export const burnRate = sqliteTable(
  'burn_rate',
  {
    accountId: whole('account_id').notNull(),
    day: whole('day').notNull(),
    spend: micros('spend_micro').notNull(),
    expected: micros('expected_micro').notNull(),
    varianceE4: whole('variance_e4').notNull(),
    rolling7: micros('rolling7_micro').notNull(),
    rolling30: micros('rolling30_micro').notNull(),
    cumulativeSpend: micros('cum_spend_micro').notNull(),
    cumulativeExpected: micros('cum_expected_micro').notNull(),
    cumulativeVarianceE4: whole('cum_variance_e4').notNull(),
    endDay: whole('end_day'),
    depletionDay: whole('depletion_day'),
    scoreE4: whole('score_e4').notNull(),
    createdUs: whole('created_us').notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.day] })],
);
