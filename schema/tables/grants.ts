import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { AwardReportRow, AwardRow, FaRateRow } from '../../src/core/grant/rows.ts';
import { micros, whole } from './columns.ts';

// Awards, indirect costs, entries outside SLURM.
// Mirrors schema/migrations, which rules: a test compares the two.

export const award = sqliteTable('award', {
  awardId: whole('award_id').primaryKey(),
  number: text('number').notNull(),
  amount: micros('amount_micro').notNull(),
  startS: whole('start_s').notNull(),
  endS: whole('end_s').notNull(),
  agency: text('agency').notNull(),
  program: text('program').notNull(),
  pi: text('pi').notNull(),
  coPis: text('co_pis').notNull(),
  institution: text('institution').notNull(),
  department: text('department').notNull(),
  total: micros('total_micro').notNull(),
  direct: micros('direct_micro'),
  periodMonths: whole('period_months').notNull(),
  status: text('status').$type<AwardRow['status']>().notNull(),
  compliance: text('compliance').notNull(),
  federalAwardId: text('federal_award_id').notNull(),
  projectCode: text('project_code').notNull(),
  costCenter: text('cost_center').notNull(),
  fain: text('fain').notNull(),
  aln: text('aln').notNull(),
  uei: text('uei').notNull(),
  ein: text('ein').notNull(),
  recipientAccount: text('recipient_account').notNull(),
  accounting: text('accounting').$type<AwardRow['accounting']>().notNull(),
  costShare: micros('cost_share_micro').notNull(),
  subawardCap: micros('subaward_cap_micro').notNull(),
  cloudInMtdc: whole('cloud_in_mtdc').notNull(),
  carryover: text('carryover').$type<AwardRow['carryover']>().notNull(),
  reportFrequency: text('report_frequency').$type<AwardRow['reportFrequency']>().notNull(),
  legalHold: whole('legal_hold').notNull(),
  closedUs: whole('closed_us'),
  createdUs: whole('created_us').notNull(),
  updatedUs: whole('updated_us').notNull(),
});

export const awardChange = sqliteTable('award_change', {
  changeId: whole('change_id').primaryKey(),
  awardId: whole('award_id').notNull(),
  kind: text('kind').notNull(),
  delta: micros('delta_micro').notNull(),
  effectiveS: whole('effective_s').notNull(),
  reference: text('reference').notNull(),
  detail: text('detail').notNull(),
  approvedBy: text('approved_by').notNull(),
  notes: text('notes').notNull(),
  createdUs: whole('created_us').notNull(),
});

export const faRate = sqliteTable('fa_rate', {
  rateId: whole('rate_id').primaryKey(),
  awardId: whole('award_id').notNull(),
  rateE4: whole('rate_e4').notNull(),
  base: text('base').notNull(),
  fromDay: whole('from_day').notNull(),
  toDay: whole('to_day').notNull(),
  type: text('type').$type<FaRateRow['type']>().notNull(),
  replacedBy: whole('replaced_by'),
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
  subaward: text('subaward').notNull(),
  notes: text('notes').notNull(),
  createdUs: whole('created_us').notNull(),
});

export const costShare = sqliteTable('cost_share', {
  txnSeq: whole('txn_seq').primaryKey(),
  shareE4: whole('share_e4').notNull(),
  recipient: micros('recipient_micro').notNull(),
  recipientFa: micros('recipient_fa_micro').notNull(),
});

export const awardReport = sqliteTable(
  'award_report',
  {
    awardId: whole('award_id').notNull(),
    kind: text('kind').$type<AwardReportRow['kind']>().notNull(),
    periodEndDay: whole('period_end_day').notNull(),
    submittedDay: whole('submitted_day').notNull(),
    reference: text('reference').notNull(),
    createdUs: whole('created_us').notNull(),
  },
  (t) => [primaryKey({ columns: [t.awardId, t.kind, t.periodEndDay] })],
);
