import type { PerformanceRow, ReconciliationRow } from '../estimate/records.ts';
import {
  absoluteRatio,
  added,
  compared,
  divided,
  exactly,
  fraction,
  multiplied,
  NOTHING,
  type Ratio,
} from '../money/ratio.ts';

/** How near estimates came to costs (budget.md 4.12). Percentages in percent, the others 0 to 1. */
export interface Accuracy {
  readonly jobs: number;
  readonly meanAccuracy: Ratio;
  /** Of jobs whose cost lies within 10 % of the estimate. */
  readonly withinTen: Ratio;
  readonly meanRatio: Ratio;
  readonly medianRatio: Ratio;
  /** Of |cost − estimate| in percent of the estimate. */
  readonly meanDeviation: Ratio;
  /** Below `accuracy_threshold`, or above `variance_threshold`. */
  readonly isFlagged: boolean;
}

export interface AccuracyThresholds {
  readonly accuracy: Ratio;
  /** Percent. */
  readonly variance: Ratio;
}

const TEN = exactly(10);
const TWO = exactly(2);

function mean(values: readonly Ratio[]): Ratio {
  return values.length === 0
    ? NOTHING
    : divided(values.reduce(added, NOTHING), exactly(values.length));
}

function median(values: readonly Ratio[]): Ratio {
  const sorted = values.toSorted(compared);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NOTHING;
  return sorted.length % 2 === 1 ? upper : divided(added(sorted[middle - 1] ?? upper, upper), TWO);
}

/** Of jobs that were estimated; a job without an estimate says nothing. */
export function accuracyOf(
  rows: readonly ReconciliationRow[],
  thresholds: AccuracyThresholds,
): Accuracy {
  const known = rows.filter(({ estimated }) => estimated !== undefined);
  const accuracies = known.map(({ accuracy }) => fraction(accuracy));
  const deviations = known.map(({ variancePct }) => absoluteRatio(fraction(variancePct)));
  const ratios = known.map(({ ratio }) => fraction(ratio));
  const near = deviations.filter((deviation) => compared(deviation, TEN) <= 0).length;
  const meanAccuracy = mean(accuracies);
  const meanDeviation = mean(deviations);
  const jobs = known.length;
  return {
    jobs,
    meanAccuracy,
    withinTen: jobs === 0 ? NOTHING : divided(exactly(near), exactly(jobs)),
    meanRatio: mean(ratios),
    medianRatio: jobs === 0 ? NOTHING : median(ratios),
    meanDeviation,
    isFlagged:
      jobs > 0 &&
      (compared(meanAccuracy, thresholds.accuracy) < 0 ||
        compared(meanDeviation, thresholds.variance) > 0),
  };
}

/** Means of what jobs of a kind made of their resources; undefined where no job told. */
export interface PerformanceSummary {
  readonly profile: string;
  readonly jobs: number;
  readonly cpu: Ratio | undefined;
  readonly memory: Ratio | undefined;
  readonly gpu: Ratio | undefined;
  readonly ratio: Ratio;
  readonly advice: readonly string[];
}

const LEAST_CPU = fraction('0.7');
const LEAST_MEMORY = fraction('0.8');
const LEAST_GPU = fraction('0.7');
const OVER = fraction('1.2');
const UNDER = fraction('0.8');
const ONE_TENTH = fraction('0.1');

function meanOf(texts: readonly (string | undefined)[]): Ratio | undefined {
  const known = texts.flatMap((text) => (text === undefined ? [] : [fraction(text)]));
  return known.length === 0 ? undefined : mean(known);
}

function isBelow(share: Ratio | undefined, least: Ratio): boolean {
  return share !== undefined && compared(share, least) < 0;
}

function adviceOf(summary: Omit<PerformanceSummary, 'advice'>): readonly string[] {
  const { cpu, memory, gpu, ratio, jobs } = summary;
  const hasRatio = compared(ratio, multiplied(ONE_TENTH, ONE_TENTH)) > 0;
  return jobs === 0
    ? []
    : [
        ...(isBelow(cpu, LEAST_CPU) ? ['ask for fewer CPUs'] : []),
        ...(isBelow(memory, LEAST_MEMORY) ? ['ask for less memory'] : []),
        ...(isBelow(gpu, LEAST_GPU) ? ['ask for fewer GPUs'] : []),
        ...(compared(ratio, OVER) > 0 ? ['costs are above estimates: ask for more time'] : []),
        ...(hasRatio && compared(ratio, UNDER) < 0
          ? ['costs are below estimates: ask for less time']
          : []),
      ];
}

export function performanceOf(
  profile: string,
  rows: readonly PerformanceRow[],
): PerformanceSummary {
  const known = rows.map(({ ratio }) => fraction(ratio)).filter(({ num }) => num !== NOTHING.num);
  const summary = {
    profile,
    jobs: rows.length,
    cpu: meanOf(rows.map(({ cpuEfficiency }) => cpuEfficiency)),
    memory: meanOf(rows.map(({ memoryEfficiency }) => memoryEfficiency)),
    gpu: meanOf(rows.map(({ gpuEfficiency }) => gpuEfficiency)),
    ratio: mean(known),
  };
  return { ...summary, advice: adviceOf(summary) };
}
