import { type CostFigures, costFigures, ratioText } from '../estimate/figures.ts';
import { type HoldEstimate, holdEstimate } from '../estimate/hold-estimate.ts';
import { learn } from '../estimate/learn.ts';
import { type ModelKey, ratioOf, type Sample } from '../estimate/learning.ts';
import type {
  LearningChange,
  LearningSelector,
  LearningView,
  PerformanceRow,
  ReconciliationRow,
} from '../estimate/records.ts';
import { ONE_CENT } from '../money/estimate.ts';
import { type Money, ZERO } from '../money/money.ts';
import { ownerOf } from './hold-words.ts';
import type { Effective } from './postings.ts';
import type { HoldRow } from './rows.ts';
import { jobText } from './transactions.ts';
import type { View } from './view.ts';

/** How a job performed, as far as its cost data says. */
export type Performance = Pick<
  PerformanceRow,
  'cpuEfficiency' | 'memoryEfficiency' | 'gpuEfficiency' | 'traits' | 'advice'
>;

/** What is told of a cost beside the money. */
export interface CostStory {
  readonly actual: Money;
  readonly effective: Effective;
  readonly partition?: string | undefined;
  readonly source: ReconciliationRow['source'];
  /** Of the job; '' when nobody says. */
  readonly state: string;
  /** '': what the hold was placed with. */
  readonly profile: string;
  /** True: no real cost is known, the elapsed time was priced. */
  readonly priced: boolean;
  /** True: this job may teach the cost model. */
  readonly mayLearn: boolean;
  readonly performance?: Performance | undefined;
  readonly payload: string;
  readonly durationMs: number;
}

export interface Records {
  readonly changes: readonly LearningChange[];
  readonly reconId: number;
  readonly modelUpdated: boolean;
}

const NO_LEARNING: LearningView = {
  models: [],
  sample: undefined,
  keys: [],
  next: { reconId: 1, sampleId: 1 },
};

/** The key that the job of a hold is learned under: for the query, and for its records. */
export function learningOf(
  view: Pick<View, 'owners'>,
  hold: HoldRow,
  story: Pick<CostStory, 'partition' | 'profile'>,
): LearningSelector {
  const { account } = ownerOf(view as View, hold.budgetId).payer.account;
  return {
    account: account.name,
    partition: story.partition ?? hold.partition,
    profile: story.profile === '' ? holdEstimate(hold).profile : story.profile,
    holdId: hold.holdId,
  };
}

/** Undefined: nothing to learn from (budget.md 4.12). */
function sampleOf(story: CostStory, known: HoldEstimate, accuracy: string): Sample | undefined {
  const isReal = !story.priced && story.state === 'COMPLETED' && known.unlearned !== undefined;
  const ratio = isReal ? ratioOf(story.actual, known.unlearned ?? ZERO, ONE_CENT) : undefined;
  return ratio === undefined ? undefined : { ratio, accuracy };
}

function figuresOf(hold: HoldRow, story: CostStory, known: HoldEstimate): CostFigures {
  const wasHeld = hold.state === 'open' || hold.state === 'charged';
  const { actual } = story;
  return costFigures({ estimate: known.estimate, actual, hold: wasHeld ? hold.amount : ZERO });
}

/** The rows that tell of a reconciliation: itself, sample and models, performance. Query: learning. */
export function recordsOf(view: View, hold: HoldRow, story: CostStory, txnSeq: number): Records {
  const learning = view.learning ?? NO_LEARNING;
  const { actual, effective, source, state, priced, payload, durationMs } = story;
  const known = holdEstimate(hold);
  const figures = figuresOf(hold, story, known);
  const { account, partition, profile } = learningOf(view, hold, story);
  const job: ModelKey = { account, partition, profile };
  const accuracy = ratioText(figures.accuracy);
  const { holdId } = hold;
  const sample = sampleOf(story, known, accuracy);
  const lesson = story.mayLearn ? learn(learning, { holdId, job, sample, nowUs: view.nowUs }) : [];
  const common = {
    ...job,
    holdId,
    atUs: view.nowUs,
    day: effective.day,
    job: jobText(hold.jobId, hold.arrayTask) ?? '',
    ratio: ratioText(figures.ratio),
  };
  const { reconId } = learning.next;
  const row: ReconciliationRow = {
    ...common,
    ...{ reconId, source, state, txnSeq, actual, priced, accuracy, payload, durationMs },
    estimated: known.estimate,
    hold: hold.amount,
    released: figures.released,
    additional: figures.additional,
    variancePct: ratioText(figures.variancePct),
    learned: lesson.length > 0,
    success: true,
    error: '',
  };
  const performed: readonly LearningChange[] =
    story.performance === undefined
      ? []
      : [{ change: 'putPerformance', row: { ...common, ...story.performance } }];
  return {
    changes: [{ change: 'putReconciliation', row }, ...lesson, ...performed],
    reconId,
    modelUpdated: lesson.length > 0,
  };
}
