import {
  ACCOUNTING_BASES,
  AWARD_CHANGE_KINDS,
  AWARD_STATUSES,
  type AwardChangeRow,
  type AwardReportRow,
  type AwardRow,
  CARRYOVER_POLICIES,
  type CostShareRow,
  ENTRY_KINDS,
  ENTRY_SHARES,
  type EntryRow,
  type FaRateRow,
  type FaRow,
  RATE_BASES,
  RATE_TYPES,
  REPORT_FREQUENCIES,
} from '../../core/grant/rows.ts';
import type { Money } from '../../core/money/money.ts';
import { flag, micros, type SqlRow, text, whole, wholeOrNone, word } from './cells.ts';
import { none, type Table } from './tables.ts';

/** A table whose rows are only added; what is read back is read elsewhere. */
type WriteOnly<Row> = Pick<Table<Row>, 'name' | 'columns' | 'keys' | 'cells'>;

function microsOrNone(cells: SqlRow, column: string): Money | undefined {
  return cells[column] === null ? undefined : micros(cells, column);
}

export const awardTable: Table<AwardRow> = {
  name: 'award',
  keys: 1,
  columns: [
    ...['award_id', 'number', 'amount_micro', 'start_s', 'end_s', 'agency', 'program', 'pi'],
    ...['co_pis', 'institution', 'department', 'total_micro', 'direct_micro', 'period_months'],
    ...['status', 'compliance', 'federal_award_id', 'project_code', 'cost_center', 'fain', 'aln'],
    ...['uei', 'ein', 'recipient_account', 'accounting', 'cost_share_micro', 'subaward_cap_micro'],
    ...['cloud_in_mtdc', 'carryover', 'report_frequency', 'legal_hold', 'closed_us'],
    ...['created_us', 'updated_us'],
  ],
  cells: (row) => [
    ...[row.awardId, row.number, row.amount, row.startS, row.endS, row.agency, row.program],
    ...[row.pi, JSON.stringify(row.coPis), row.institution, row.department, row.total],
    ...[row.direct ?? null, row.periodMonths, row.status, row.compliance, row.federalAwardId],
    ...[row.projectCode, row.costCenter, row.fain, row.assistanceListing, row.uei, row.ein],
    ...[row.recipientAccount, row.accounting, row.costShare, row.subawardCap],
    ...[row.cloudInMtdc ? 1 : 0, row.carryover, row.reportFrequency, row.legalHold ? 1 : 0],
    ...[none(row.closedUs), row.createdUs, row.updatedUs],
  ],
  row: (cells) => ({
    awardId: whole(cells, 'award_id'),
    number: text(cells, 'number'),
    amount: micros(cells, 'amount_micro'),
    startS: whole(cells, 'start_s'),
    endS: whole(cells, 'end_s'),
    agency: text(cells, 'agency'),
    program: text(cells, 'program'),
    pi: text(cells, 'pi'),
    // Written by `cells` above: an array of strings.
    coPis: JSON.parse(text(cells, 'co_pis')) as readonly string[],
    institution: text(cells, 'institution'),
    department: text(cells, 'department'),
    total: micros(cells, 'total_micro'),
    direct: microsOrNone(cells, 'direct_micro'),
    periodMonths: whole(cells, 'period_months'),
    status: word(cells, 'status', AWARD_STATUSES),
    compliance: text(cells, 'compliance'),
    federalAwardId: text(cells, 'federal_award_id'),
    projectCode: text(cells, 'project_code'),
    costCenter: text(cells, 'cost_center'),
    fain: text(cells, 'fain'),
    assistanceListing: text(cells, 'aln'),
    uei: text(cells, 'uei'),
    ein: text(cells, 'ein'),
    recipientAccount: text(cells, 'recipient_account'),
    accounting: word(cells, 'accounting', ACCOUNTING_BASES),
    costShare: micros(cells, 'cost_share_micro'),
    subawardCap: micros(cells, 'subaward_cap_micro'),
    cloudInMtdc: flag(cells, 'cloud_in_mtdc'),
    carryover: word(cells, 'carryover', CARRYOVER_POLICIES),
    reportFrequency: word(cells, 'report_frequency', REPORT_FREQUENCIES),
    legalHold: flag(cells, 'legal_hold'),
    closedUs: wholeOrNone(cells, 'closed_us'),
    createdUs: whole(cells, 'created_us'),
    updatedUs: whole(cells, 'updated_us'),
  }),
};

export const awardChangeTable: Table<AwardChangeRow> = {
  name: 'award_change',
  keys: 1,
  columns: [
    ...['change_id', 'award_id', 'kind', 'delta_micro', 'effective_s', 'reference', 'detail'],
    ...['approved_by', 'notes', 'created_us'],
  ],
  cells: (row) => [
    ...[row.changeId, row.awardId, row.kind, row.delta, row.effectiveS, row.reference],
    ...[row.detail, row.approvedBy, row.notes, row.createdUs],
  ],
  row: (cells) => ({
    changeId: whole(cells, 'change_id'),
    awardId: whole(cells, 'award_id'),
    kind: word(cells, 'kind', AWARD_CHANGE_KINDS),
    delta: micros(cells, 'delta_micro'),
    effectiveS: whole(cells, 'effective_s'),
    reference: text(cells, 'reference'),
    detail: text(cells, 'detail'),
    approvedBy: text(cells, 'approved_by'),
    notes: text(cells, 'notes'),
    createdUs: whole(cells, 'created_us'),
  }),
};

export const faRateTable: Table<FaRateRow> = {
  name: 'fa_rate',
  keys: 1,
  columns: [
    ...['rate_id', 'award_id', 'rate_e4', 'base', 'from_day', 'to_day', 'type', 'replaced_by'],
  ],
  cells: (row) => [
    ...[row.rateId, row.awardId, row.rateE4, row.base, row.fromDay, row.toDay, row.type],
    none(row.replacedBy),
  ],
  row: (cells) => ({
    rateId: whole(cells, 'rate_id'),
    awardId: whole(cells, 'award_id'),
    rateE4: whole(cells, 'rate_e4'),
    base: word(cells, 'base', RATE_BASES),
    fromDay: whole(cells, 'from_day'),
    toDay: whole(cells, 'to_day'),
    type: word(cells, 'type', RATE_TYPES),
    replacedBy: wholeOrNone(cells, 'replaced_by'),
  }),
};

export const faTable: WriteOnly<FaRow> = {
  name: 'fa',
  keys: 2,
  columns: [...['rate_id', 'txn_seq', 'base_micro', 'amount_micro', 'cum_base_micro', 'cum_micro']],
  cells: (row) => [row.rateId, row.txnSeq, row.base, row.amount, row.cumBase, row.cum],
};

export const entryTable: Table<EntryRow> = {
  name: 'entry',
  keys: 1,
  columns: [
    ...['entry_id', 'award_id', 'day', 'category', 'kind', 'share', 'in_mtdc', 'amount_micro'],
    ...['reference', 'txn_seq', 'subaward', 'notes', 'created_us'],
  ],
  cells: (row) => [
    ...[row.entryId, row.awardId, row.day, row.category, row.kind, row.share],
    ...[row.inMtdc ? 1 : 0, row.amount, row.reference, none(row.txnSeq), row.subaward],
    ...[row.notes, row.createdUs],
  ],
  row: (cells) => ({
    entryId: whole(cells, 'entry_id'),
    awardId: whole(cells, 'award_id'),
    day: whole(cells, 'day'),
    category: text(cells, 'category'),
    kind: word(cells, 'kind', ENTRY_KINDS),
    share: word(cells, 'share', ENTRY_SHARES),
    inMtdc: flag(cells, 'in_mtdc'),
    amount: micros(cells, 'amount_micro'),
    reference: text(cells, 'reference'),
    txnSeq: wholeOrNone(cells, 'txn_seq'),
    subaward: text(cells, 'subaward'),
    notes: text(cells, 'notes'),
    createdUs: whole(cells, 'created_us'),
  }),
};

export const costShareTable: WriteOnly<CostShareRow> = {
  name: 'cost_share',
  keys: 1,
  columns: ['txn_seq', 'share_e4', 'recipient_micro', 'recipient_fa_micro'],
  cells: (row) => [row.txnSeq, row.shareE4, row.recipient, row.recipientFa],
};

export const awardReportTable: Table<AwardReportRow> = {
  name: 'award_report',
  keys: 3,
  columns: ['award_id', 'kind', 'period_end_day', 'submitted_day', 'reference', 'created_us'],
  cells: (row) => [
    ...[row.awardId, row.kind, row.periodEndDay, row.submittedDay, row.reference, row.createdUs],
  ],
  row: (cells) => ({
    awardId: whole(cells, 'award_id'),
    kind: word(cells, 'kind', [...REPORT_FREQUENCIES, 'final']),
    periodEndDay: whole(cells, 'period_end_day'),
    submittedDay: whole(cells, 'submitted_day'),
    reference: text(cells, 'reference'),
    createdUs: whole(cells, 'created_us'),
  }),
};
