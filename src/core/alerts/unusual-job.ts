import { exceeds, isPositive, type Money, times } from '../money/money.ts';
import { compared, exactly, multiplied, type Ratio } from '../money/ratio.ts';
import type { ChargedJob } from './facts.ts';

// What is an unusual job [N]? Costs of jobs spread over magnitudes, so they are judged on logarithms:
// Tukey's fence for what is "far out", log Q3 + 3 (log Q3 − log Q1), is the cost Q3 (Q3 / Q1)³. Of costs
// that scatter like a normal distribution of logarithms one in a million lies beyond it. Quartiles do
// not move for the outliers that are looked for, and whole numbers decide it: cost × Q1³ > Q3⁴.

export interface UnusualJob {
  readonly job: ChargedJob;
  /** The upper quartile of the jobs before it. */
  readonly upper: Money;
  readonly sampleSize: number;
}

/** Fewer jobs have no distribution to speak of. */
const SAMPLE_LEAST = 20;
/** Where all jobs cost the same, a little more is not far above. */
const TIMES_UPPER = 3;

function cube(value: Ratio): Ratio {
  return multiplied(multiplied(value, value), value);
}

function isFarOut(cost: Money, sorted: readonly Money[], least: Money): Money | undefined {
  const lower = sorted[Math.floor(sorted.length / 4)];
  const upper = sorted[Math.floor((sorted.length * 3) / 4)];
  if (sorted.length < SAMPLE_LEAST || lower === undefined || upper === undefined) {
    return;
  }
  const [q1, q3] = [exactly(lower), exactly(upper)];
  const isBeyond = compared(multiplied(exactly(cost), cube(q1)), multiplied(cube(q3), q3)) > 0;
  const isMuch = exceeds(cost, times(upper, TIMES_UPPER)) && !exceeds(least, cost);
  return isBeyond && isMuch ? upper : undefined;
}

/** Keeps the list ascending. */
function insert(sorted: Money[], cost: Money): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (exceeds(sorted[middle] ?? cost, cost)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  sorted.splice(low, 0, cost);
}

/** Of the jobs (oldest first) those since `fromUs` that cost far more than the ones before them did. */
export function unusualJobs(
  jobs: readonly ChargedJob[],
  { fromUs, least }: { readonly fromUs: number; readonly least: Money },
): readonly UnusualJob[] {
  const sorted: Money[] = [];
  const found: UnusualJob[] = [];
  for (const job of jobs) {
    const upper = job.atUs >= fromUs ? isFarOut(job.cost, sorted, least) : undefined;
    if (upper !== undefined) {
      found.push({ job, upper, sampleSize: sorted.length });
    }
    if (isPositive(job.cost)) {
      insert(sorted, job.cost);
    }
  }
  return found;
}
