import type {
  AccountRow,
  BudgetRow,
  HoldRow,
  InstanceRow,
  IntentRow,
  PartitionLimitRow,
  ShareRow,
  SlurmNameRow,
  UsageRow,
} from '../../core/ledger/rows.ts';
import { fromMicrosText, isZero, type Money, toMicrosText, ZERO } from '../../core/money/money.ts';
import type { Cell } from './cells.ts';
import {
  flag,
  micros,
  rate,
  type SqlRow,
  text,
  textOrNone,
  whole,
  wholeOrNone,
  word,
} from './cells.ts';

/** How a row of core lies in its table. The first `keys` columns are the primary key. */
export interface Table<Row> {
  readonly name: string;
  readonly keys: number;
  readonly columns: readonly string[];
  readonly cells: (row: Row) => readonly Cell[];
  readonly row: (cells: SqlRow) => Row;
}

const WHOLLY_FEDERAL = 10_000;

export function none(value: number | string | undefined): number | string | null {
  return value ?? null;
}

export const accountTable: Table<AccountRow> = {
  name: 'account',
  keys: 1,
  columns: [
    ...['account_id', 'name', 'parent_id', 'status', 'start_s', 'end_s'],
    ...['title', 'description', 'created_us', 'updated_us', 'federal_share_e4'],
  ],
  cells: (row) => [
    ...[row.accountId, row.name, none(row.parentId), row.status, row.startS, row.endS],
    ...[row.title, row.description, row.createdUs, row.updatedUs],
    row.federalShareE4 ?? WHOLLY_FEDERAL,
  ],
  row: (cells) => ({
    accountId: whole(cells, 'account_id'),
    name: text(cells, 'name'),
    parentId: wholeOrNone(cells, 'parent_id'),
    status: word(cells, 'status', ['active', 'inactive', 'suspended', 'expired']),
    startS: whole(cells, 'start_s'),
    endS: whole(cells, 'end_s'),
    title: text(cells, 'title'),
    description: text(cells, 'description'),
    createdUs: whole(cells, 'created_us'),
    updatedUs: whole(cells, 'updated_us'),
    federalShareE4: whole(cells, 'federal_share_e4'),
  }),
};

export const slurmNameTable: Table<SlurmNameRow> = {
  name: 'slurm_name',
  keys: 2,
  columns: ['name', 'cluster_id', 'account_id'],
  cells: (row) => [row.name, row.clusterId, row.accountId],
  row: (cells) => ({
    name: text(cells, 'name'),
    clusterId: whole(cells, 'cluster_id'),
    accountId: whole(cells, 'account_id'),
  }),
};

export const budgetTable: Table<BudgetRow> = {
  name: 'budget',
  keys: 1,
  columns: ['budget_id', 'account_id', 'award_id', 'rank', 'basis', 'closed'],
  cells: (row) => [
    ...[row.budgetId, row.accountId, none(row.awardId), row.rank, row.basis],
    row.closed ? 1 : 0,
  ],
  row: (cells) => ({
    budgetId: whole(cells, 'budget_id'),
    accountId: whole(cells, 'account_id'),
    awardId: wholeOrNone(cells, 'award_id'),
    rank: whole(cells, 'rank'),
    basis: word(cells, 'basis', ['direct', 'total']),
    closed: flag(cells, 'closed'),
  }),
};

export const partitionLimitTable: Table<PartitionLimitRow> = {
  name: 'partition_limit',
  keys: 2,
  columns: ['account_id', 'partition', 'limit_micro'],
  cells: (row) => [row.accountId, row.partition, row.limit],
  row: (cells) => ({
    accountId: whole(cells, 'account_id'),
    partition: text(cells, 'partition'),
    limit: micros(cells, 'limit_micro'),
  }),
};

export const holdTable: Table<HoldRow> = {
  name: 'hold',
  keys: 1,
  columns: [
    ...['hold_id', 'cluster_id', 'budget_id', 'token', 'parent_id', 'tasks', 'job_id'],
    ...['array_task', 'submit_s', 'restart', 'partition', 'user_name', 'amount_micro', 'fa_micro'],
    ...['state', 'opened_seq', 'ended_seq', 'expires_s', 'pricing', 'moves', 'created_us'],
  ],
  cells: (row) => [
    ...[row.holdId, row.clusterId, row.budgetId, row.token, none(row.parentId), row.tasks],
    ...[none(row.jobId), row.arrayTask, none(row.submitS), row.restart, row.partition],
    ...[row.userName, row.amount, row.fa, row.state, row.openedSeq, none(row.endedSeq)],
    ...[row.expiresS, row.pricing, row.moves, row.createdUs],
  ],
  row: (cells) => ({
    holdId: whole(cells, 'hold_id'),
    clusterId: whole(cells, 'cluster_id'),
    budgetId: whole(cells, 'budget_id'),
    token: text(cells, 'token'),
    parentId: wholeOrNone(cells, 'parent_id'),
    tasks: whole(cells, 'tasks'),
    jobId: wholeOrNone(cells, 'job_id'),
    arrayTask: whole(cells, 'array_task'),
    submitS: wholeOrNone(cells, 'submit_s'),
    restart: whole(cells, 'restart'),
    partition: text(cells, 'partition'),
    userName: text(cells, 'user_name'),
    amount: micros(cells, 'amount_micro'),
    fa: micros(cells, 'fa_micro'),
    state: word(cells, 'state', ['open', 'charged', 'released', 'expired', 'split']),
    openedSeq: whole(cells, 'opened_seq'),
    endedSeq: wholeOrNone(cells, 'ended_seq'),
    expiresS: whole(cells, 'expires_s'),
    pricing: text(cells, 'pricing'),
    moves: whole(cells, 'moves'),
    createdUs: whole(cells, 'created_us'),
  }),
};

export const intentTable: Table<IntentRow> = {
  name: 'intent',
  keys: 1,
  columns: [
    ...['intent_id', 'cluster_id', 'hold_id', 'purpose', 'client_token', 'request', 'want'],
    ...['planned_us', 'sent_us', 'state', 'attempt', 'job_id', 'nodes', 'code', 'aborted'],
  ],
  cells: (row) => [
    ...[row.intentId, row.clusterId, none(row.holdId), row.purpose, row.clientToken, row.request],
    ...[row.want, row.plannedUs, none(row.sentUs), row.state, row.attempt, none(row.jobId)],
    ...[row.nodes, row.code, row.aborted ? 1 : 0],
  ],
  row: (cells) => ({
    intentId: whole(cells, 'intent_id'),
    clusterId: whole(cells, 'cluster_id'),
    holdId: wholeOrNone(cells, 'hold_id'),
    purpose: word(cells, 'purpose', ['job', 'admin']),
    clientToken: text(cells, 'client_token'),
    request: text(cells, 'request'),
    want: whole(cells, 'want'),
    plannedUs: whole(cells, 'planned_us'),
    sentUs: wholeOrNone(cells, 'sent_us'),
    state: word(cells, 'state', ['planned', 'sent', 'done', 'failed', 'unknown']),
    attempt: whole(cells, 'attempt'),
    jobId: wholeOrNone(cells, 'job_id'),
    nodes: text(cells, 'nodes'),
    code: text(cells, 'code'),
    aborted: flag(cells, 'aborted'),
  }),
};

export const instanceTable: Table<InstanceRow> = {
  name: 'instance',
  keys: 1,
  columns: [
    ...['instance_id', 'intent_id', 'node', 'launch_s', 'end_s', 'state', 'tag_cluster'],
    ...['tag_intent', 'tag_hold', 'instance_type', 'zone', 'lifecycle', 'address', 'rate_e10'],
    ...['end_cause', 'volumes', 'price_missing'],
  ],
  cells: (row) => [
    ...[row.instanceId, row.intentId, row.node, row.launchS, none(row.endS), row.state],
    ...[none(row.tagCluster), none(row.tagIntent), none(row.tagHold), row.instanceType, row.zone],
    ...[row.lifecycle, row.address, row.rate, row.endCause, volumesText(row.volumes)],
    row.isPriceMissing === true ? 1 : 0,
  ],
  row: (cells) => ({
    instanceId: text(cells, 'instance_id'),
    intentId: whole(cells, 'intent_id'),
    node: text(cells, 'node'),
    launchS: whole(cells, 'launch_s'),
    endS: wholeOrNone(cells, 'end_s'),
    state: word(cells, 'state', ['pending', 'bound', 'ready', 'terminating', 'closed']),
    tagCluster: textOrNone(cells, 'tag_cluster'),
    tagIntent: wholeOrNone(cells, 'tag_intent'),
    tagHold: wholeOrNone(cells, 'tag_hold'),
    instanceType: text(cells, 'instance_type'),
    zone: text(cells, 'zone'),
    lifecycle: word(cells, 'lifecycle', ['spot', 'on-demand']),
    address: text(cells, 'address'),
    rate: rate(cells, 'rate_e10'),
    endCause: text(cells, 'end_cause'),
    volumes: volumesOf(text(cells, 'volumes')),
    isPriceMissing: flag(cells, 'price_missing') || undefined,
  }),
};

export const usageTable: Table<UsageRow> = {
  name: 'usage',
  keys: 1,
  columns: [
    ...['usage_id', 'instance_id', 'from_s', 'to_s', 'rate_e10', 'amount_micro'],
    'volume_micro',
  ],
  cells: (row) => [
    ...[row.usageId, row.instanceId, row.fromS, row.toS, row.rate, row.amount],
    row.volume ?? ZERO,
  ],
  row: (cells) => ({
    usageId: whole(cells, 'usage_id'),
    instanceId: text(cells, 'instance_id'),
    fromS: whole(cells, 'from_s'),
    toS: whole(cells, 'to_s'),
    rate: rate(cells, 'rate_e10'),
    amount: micros(cells, 'amount_micro'),
    volume: microsOrNone(cells, 'volume_micro'),
  }),
};

export const shareTable: Table<ShareRow> = {
  name: 'share',
  keys: 2,
  columns: [
    ...['usage_id', 'n', 'budget_id', 'hold_id', 'amount_micro', 'txn_seq'],
    ...['volume_micro', 'volume_seq'],
  ],
  cells: (row) => [
    ...[row.usageId, row.n, none(row.budgetId), none(row.holdId), row.amount],
    ...[none(row.txnSeq), row.volume ?? ZERO, none(row.volumeSeq)],
  ],
  row: (cells) => ({
    usageId: whole(cells, 'usage_id'),
    n: whole(cells, 'n'),
    budgetId: wholeOrNone(cells, 'budget_id'),
    holdId: wholeOrNone(cells, 'hold_id'),
    amount: micros(cells, 'amount_micro'),
    txnSeq: wholeOrNone(cells, 'txn_seq'),
    volume: microsOrNone(cells, 'volume_micro'),
    volumeSeq: wholeOrNone(cells, 'volume_seq'),
  }),
};

/** JSON: an integer a volume. */
function volumesText(volumes: InstanceRow['volumes'] = []): string {
  return `[${volumes.map(toMicrosText).join()}]`;
}

export function volumesOf(text: string): InstanceRow['volumes'] {
  const digits = text.match(DIGITS) ?? [];
  return digits.length === 0 ? undefined : digits.map(fromMicrosText);
}

const DIGITS = /[0-9]+/gu;

/** A sum that most rows do not have. */
function microsOrNone(cells: SqlRow, column: string): Money | undefined {
  const amount = micros(cells, column);
  return isZero(amount) ? undefined : amount;
}

export function insertSql({ name, columns }: Pick<Table<never>, 'name' | 'columns'>): string {
  return `INSERT INTO ${name}(${columns.join()}) VALUES(${columns.map(() => '?').join()})`;
}

/** Inserts, or replaces every other column of the row with that primary key. */
export function putSql(table: Pick<Table<never>, 'name' | 'columns' | 'keys'>): string {
  const key = table.columns.slice(0, table.keys).join();
  const sets = table.columns.slice(table.keys).map((column) => `${column}=excluded.${column}`);
  return `${insertSql(table)} ON CONFLICT(${key}) DO UPDATE SET ${sets.join()}`;
}
