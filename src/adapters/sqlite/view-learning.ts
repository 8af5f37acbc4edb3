import { lessonKeys } from '../../core/estimate/learn.ts';
import { EVERY, isOfKey, type ModelKey, REMEMBERED } from '../../core/estimate/learning.ts';
import type {
  KeySamples,
  LearningChange,
  LearningSelector,
  LearningView,
} from '../../core/estimate/records.ts';
import { whole } from './cells.ts';
import {
  costModelTable,
  performanceTable,
  reconciliationTable,
  sampleTable,
} from './learning-tables.ts';
import { put } from './put.ts';
import type { Statements } from './statements.ts';

const MODELS = `SELECT * FROM cost_model WHERE partition=?
  AND ((profile=? AND account IN(?,'*')) OR (profile='*' AND account='*'))`;
const OWN = 'SELECT * FROM cost_sample WHERE hold_id=?';
const NEWEST = `ORDER BY sample_id DESC LIMIT ${REMEMBERED}`;
const NEXT = `SELECT (SELECT COALESCE(MAX(recon_id),0) FROM reconciliation)+1 recon_id,
  (SELECT COALESCE(MAX(sample_id),0) FROM cost_sample)+1 sample_id`;

/** The newest samples of a key, oldest first. */
function samplesOf(sql: Statements, key: ModelKey): KeySamples['samples'] {
  const wheres: readonly (readonly [string, string])[] = [
    ['profile', key.profile],
    ['account', key.account],
  ];
  const named = wheres.filter(([, value]) => value !== EVERY);
  const where = ['partition=?', ...named.map(([column]) => `${column}=?`)].join(' AND ');
  const text = `SELECT * FROM cost_sample WHERE ${where} ${NEWEST}`;
  const rows = sql.all(text, key.partition, ...named.map(([, value]) => value));
  return rows.map(sampleTable.row).toReversed();
}

/** Runs inside the caller's transaction. */
export function loadLearning(sql: Statements, selector: LearningSelector): LearningView {
  const { holdId } = selector;
  const own = holdId === undefined ? undefined : sql.get(OWN, holdId);
  const sample = own && sampleTable.row(own);
  const job = sample ?? selector;
  const models = sql.all(MODELS, job.partition, job.profile, job.account).map(costModelTable.row);
  const keys = holdId === undefined ? [] : lessonKeys(selector, sample);
  const next = sql.get(NEXT) ?? {};
  return {
    models,
    sample,
    keys: keys.map((key) => ({
      key,
      samples: samplesOf(sql, key),
      model: models.find((row) => isOfKey(row, key)),
    })),
    next: { reconId: whole(next, 'recon_id'), sampleId: whole(next, 'sample_id') },
  };
}

const LEARNING: ReadonlySet<string> = new Set([
  'putReconciliation',
  'putSample',
  'removeSample',
  'putCostModel',
  'putPerformance',
] satisfies readonly LearningChange['change'][]);

export function isLearning(change: { readonly change: string }): change is LearningChange {
  return LEARNING.has(change.change);
}

/** Rows of learning have no image: samples and models can be made anew from reconciliations. */
export function changeLearning(sql: Statements, change: LearningChange): void {
  switch (change.change) {
    case 'putReconciliation':
      put(sql, reconciliationTable, change.row);
      break;
    case 'putSample':
      put(sql, sampleTable, change.row);
      break;
    case 'removeSample':
      sql.run('DELETE FROM cost_sample WHERE sample_id=?', change.sampleId);
      break;
    case 'putCostModel':
      put(sql, costModelTable, change.row);
      break;
    case 'putPerformance':
      put(sql, performanceTable, change.row);
      break;
  }
}
