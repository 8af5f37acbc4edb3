import type { CostModelRow } from '../../core/estimate/learning.ts';
import type { PerformanceRow, ReconciliationRow, SampleRow } from '../../core/estimate/records.ts';
import { flag, micros, type SqlRow, text, textOrNone, whole, wholeOrNone, word } from './cells.ts';
import type { Table } from './tables.ts';

export const reconciliationTable: Table<ReconciliationRow> = {
  name: 'reconciliation',
  keys: 1,
  columns: [
    ...['recon_id', 'at_us', 'day', 'source', 'job', 'hold_id', 'account', 'partition', 'profile'],
    ...['state', 'txn_seq', 'estimated_micro', 'actual_micro', 'hold_micro', 'released_micro'],
    ...['additional_micro', 'variance_pct', 'ratio', 'accuracy', 'priced', 'learned', 'success'],
    ...['error', 'duration_ms', 'payload'],
  ],
  cells: (row) => [
    ...[row.reconId, row.atUs, row.day, row.source, row.job, row.holdId ?? null, row.account],
    ...[row.partition, row.profile, row.state, row.txnSeq ?? null, row.estimated ?? null],
    ...[row.actual, row.hold, row.released, row.additional, row.variancePct, row.ratio],
    ...[row.accuracy, row.priced ? 1 : 0, row.learned ? 1 : 0, row.success ? 1 : 0, row.error],
    ...[row.durationMs, row.payload],
  ],
  row: (cells) => ({
    reconId: whole(cells, 'recon_id'),
    atUs: whole(cells, 'at_us'),
    day: whole(cells, 'day'),
    source: word(cells, 'source', ['api', 'epilog', 'file', 'comment']),
    job: text(cells, 'job'),
    holdId: wholeOrNone(cells, 'hold_id'),
    account: text(cells, 'account'),
    partition: text(cells, 'partition'),
    profile: text(cells, 'profile'),
    state: text(cells, 'state'),
    txnSeq: wholeOrNone(cells, 'txn_seq'),
    estimated: cells['estimated_micro'] === null ? undefined : micros(cells, 'estimated_micro'),
    actual: micros(cells, 'actual_micro'),
    hold: micros(cells, 'hold_micro'),
    released: micros(cells, 'released_micro'),
    additional: micros(cells, 'additional_micro'),
    variancePct: text(cells, 'variance_pct'),
    ratio: text(cells, 'ratio'),
    accuracy: text(cells, 'accuracy'),
    priced: flag(cells, 'priced'),
    learned: flag(cells, 'learned'),
    success: flag(cells, 'success'),
    error: text(cells, 'error'),
    durationMs: whole(cells, 'duration_ms'),
    payload: text(cells, 'payload'),
  }),
};

export const sampleTable: Table<SampleRow> = {
  name: 'cost_sample',
  keys: 1,
  columns: ['sample_id', 'hold_id', 'account', 'partition', 'profile', 'ratio', 'accuracy'],
  cells: (row) => [
    ...[row.sampleId, row.holdId, row.account, row.partition, row.profile, row.ratio],
    row.accuracy,
  ],
  row: (cells) => ({
    sampleId: whole(cells, 'sample_id'),
    holdId: whole(cells, 'hold_id'),
    account: text(cells, 'account'),
    partition: text(cells, 'partition'),
    profile: text(cells, 'profile'),
    ratio: text(cells, 'ratio'),
    accuracy: text(cells, 'accuracy'),
  }),
};

export const costModelTable: Table<CostModelRow> = {
  name: 'cost_model',
  keys: 3,
  columns: [
    ...['account', 'partition', 'profile', 'factor', 'samples', 'mean_accuracy', 'updated_us'],
  ],
  cells: (row) => [
    ...[row.account, row.partition, row.profile, row.factor, row.samples, row.meanAccuracy],
    row.updatedUs,
  ],
  row: (cells) => ({
    account: text(cells, 'account'),
    partition: text(cells, 'partition'),
    profile: text(cells, 'profile'),
    factor: text(cells, 'factor'),
    samples: whole(cells, 'samples'),
    meanAccuracy: text(cells, 'mean_accuracy'),
    updatedUs: whole(cells, 'updated_us'),
  }),
};

export const performanceTable: Table<PerformanceRow> = {
  name: 'performance',
  keys: 1,
  columns: [
    ...['hold_id', 'at_us', 'day', 'job', 'account', 'partition', 'profile', 'cpu_efficiency'],
    ...['memory_efficiency', 'gpu_efficiency', 'traits', 'ratio', 'advice'],
  ],
  cells: (row) => [
    ...[row.holdId, row.atUs, row.day, row.job, row.account, row.partition, row.profile],
    ...[row.cpuEfficiency ?? null, row.memoryEfficiency ?? null, row.gpuEfficiency ?? null],
    ...[row.traits.join(), row.ratio, row.advice],
  ],
  row: (cells) => ({
    holdId: whole(cells, 'hold_id'),
    atUs: whole(cells, 'at_us'),
    day: whole(cells, 'day'),
    job: text(cells, 'job'),
    account: text(cells, 'account'),
    partition: text(cells, 'partition'),
    profile: text(cells, 'profile'),
    cpuEfficiency: textOrNone(cells, 'cpu_efficiency'),
    memoryEfficiency: textOrNone(cells, 'memory_efficiency'),
    gpuEfficiency: textOrNone(cells, 'gpu_efficiency'),
    traits: traitsOf(cells),
    ratio: text(cells, 'ratio'),
    advice: text(cells, 'advice'),
  }),
};

function traitsOf(cells: SqlRow): readonly string[] {
  return text(cells, 'traits')
    .split(',')
    .filter((trait) => trait !== '');
}
