import type { ProposalRow } from '../../core/ledger/rows.ts';
import {
  FREQUENCIES,
  SCHEDULE_STATUSES,
  type ScheduleRow,
  type ScheduleRunRow,
  UNSPENT_RULES,
} from '../../core/schedule/rows.ts';
import { flag, micros, text, whole, wholeOrNone, word } from './cells.ts';
import type { Table } from './tables.ts';

export const scheduleTable: Table<ScheduleRow> = {
  name: 'schedule',
  keys: 1,
  columns: [
    ...['schedule_id', 'budget_id', 'total_micro', 'amount_micro', 'unspent', 'frequency'],
    ...['status', 'auto', 'start_day', 'end_day', 'anchor_day', 'anchor_index', 'next_day'],
    ...['created_us', 'updated_us'],
  ],
  cells: (row) => [
    ...[row.scheduleId, row.budgetId, row.total, row.amount, row.unspent, row.frequency],
    ...[row.status, row.auto ? 1 : 0, row.startDay, row.endDay ?? null, row.anchorDay],
    ...[row.anchorIndex, row.nextDay ?? null, row.createdUs, row.updatedUs],
  ],
  row: (cells) => ({
    scheduleId: whole(cells, 'schedule_id'),
    budgetId: whole(cells, 'budget_id'),
    total: micros(cells, 'total_micro'),
    amount: micros(cells, 'amount_micro'),
    unspent: word(cells, 'unspent', UNSPENT_RULES),
    frequency: word(cells, 'frequency', FREQUENCIES),
    status: word(cells, 'status', SCHEDULE_STATUSES),
    auto: flag(cells, 'auto'),
    startDay: whole(cells, 'start_day'),
    endDay: wholeOrNone(cells, 'end_day'),
    anchorDay: whole(cells, 'anchor_day'),
    anchorIndex: whole(cells, 'anchor_index'),
    nextDay: wholeOrNone(cells, 'next_day'),
    createdUs: whole(cells, 'created_us'),
    updatedUs: whole(cells, 'updated_us'),
  }),
};

export const scheduleRunTable: Pick<
  Table<ScheduleRunRow>,
  'name' | 'keys' | 'columns' | 'cells'
> = {
  name: 'schedule_run',
  keys: 2,
  columns: ['schedule_id', 'due_day', 'txn_seq'],
  cells: ({ scheduleId, dueDay, txnSeq }) => [scheduleId, dueDay, txnSeq],
};

export const proposalTable: Table<ProposalRow> = {
  name: 'proposal',
  keys: 1,
  columns: [
    ...['proposal_id', 'at_us', 'uid', 'verb', 'args', 'approved_us', 'approved_uid'],
    'approved_seq',
  ],
  cells: (row) => [
    ...[row.proposalId, row.atUs, row.uid, row.verb, row.args, row.approvedUs ?? null],
    ...[row.approvedUid ?? null, row.approvedSeq ?? null],
  ],
  row: (cells) => ({
    proposalId: whole(cells, 'proposal_id'),
    atUs: whole(cells, 'at_us'),
    uid: whole(cells, 'uid'),
    verb: text(cells, 'verb'),
    args: text(cells, 'args'),
    approvedUs: wholeOrNone(cells, 'approved_us'),
    approvedUid: wholeOrNone(cells, 'approved_uid'),
    approvedSeq: wholeOrNone(cells, 'approved_seq'),
  }),
};
