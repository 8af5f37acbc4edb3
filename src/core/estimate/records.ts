import type { Money } from '../money/money.ts';
import type { CostModelRow, ModelKey, Sample } from './learning.ts';

// What is kept of reconciliations and of how jobs performed (budget.md 1.11). Ratios are decimal text.

/** One time that the cost of a job was told: the hold, the estimate and what came of them. */
export interface ReconciliationRow {
  readonly reconId: number;
  readonly atUs: number;
  readonly day: number;
  /** `api`: a person or a program asked; `epilog`: a hook or a pass; `file`, `comment`: BST told. */
  readonly source: 'api' | 'epilog' | 'file' | 'comment';
  readonly job: string;
  readonly holdId?: number | undefined;
  readonly account: string;
  readonly partition: string;
  readonly profile: string;
  /** Of the job, '' when nobody said. */
  readonly state: string;
  readonly txnSeq?: number | undefined;
  /** Undefined: nobody estimated it. */
  readonly estimated?: Money | undefined;
  readonly actual: Money;
  readonly hold: Money;
  readonly released: Money;
  readonly additional: Money;
  readonly variancePct: string;
  readonly ratio: string;
  readonly accuracy: string;
  /** True: no real cost was known, the elapsed time was priced. */
  readonly priced: boolean;
  readonly learned: boolean;
  readonly success: boolean;
  readonly error: string;
  readonly durationMs: number;
  /** JSON as received, '' without. */
  readonly payload: string;
}

export interface SampleRow extends ModelKey, Sample {
  readonly sampleId: number;
  readonly holdId: number;
}

/** budget.md 1.11, performance record. Efficiencies are 0 to 1 as decimal text. */
export interface PerformanceRow {
  readonly holdId: number;
  readonly atUs: number;
  readonly day: number;
  readonly job: string;
  readonly account: string;
  readonly partition: string;
  readonly profile: string;
  readonly cpuEfficiency?: string | undefined;
  readonly memoryEfficiency?: string | undefined;
  readonly gpuEfficiency?: string | undefined;
  /** What the job was intensive in: compute, memory, io, network. */
  readonly traits: readonly string[];
  readonly ratio: string;
  /** JSON text: opportunities, patterns, recommendations. */
  readonly advice: string;
}

export type LearningChange =
  | { readonly change: 'putReconciliation'; readonly row: ReconciliationRow }
  | { readonly change: 'putSample'; readonly row: SampleRow }
  | { readonly change: 'removeSample'; readonly sampleId: number }
  | { readonly change: 'putCostModel'; readonly row: CostModelRow }
  | { readonly change: 'putPerformance'; readonly row: PerformanceRow };

/** The models of a job's three keys; with a hold, the samples that they are made of as well. */
export interface LearningSelector extends ModelKey {
  readonly holdId?: number | undefined;
}

export interface KeySamples {
  readonly key: ModelKey;
  /** The last ones, oldest first. */
  readonly samples: readonly SampleRow[];
  readonly model: CostModelRow | undefined;
}

export interface LearningView {
  readonly models: readonly CostModelRow[];
  /** The job's own sample, when it was learned from before: its keys are then those that count. */
  readonly sample: SampleRow | undefined;
  /** Most specific first; empty without a hold. */
  readonly keys: readonly KeySamples[];
  readonly next: { readonly reconId: number; readonly sampleId: number };
}
