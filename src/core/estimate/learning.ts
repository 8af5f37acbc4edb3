import type { Money } from '../money/money.ts';
import {
  added,
  compared,
  divided,
  exactly,
  fraction,
  greater,
  lesser,
  multiplied,
  NOTHING,
  type Ratio,
  subtracted,
  toFixed,
} from '../money/ratio.ts';

// How real costs correct estimates (budget.md 4.12). Ratios and factors are kept as decimal text of nine
// digits: fine enough for any estimate, and the same on every machine.

/** `*` stands for every account, every profile. */
export interface ModelKey {
  readonly account: string;
  readonly partition: string;
  /** '' where the job named none. */
  readonly profile: string;
}

export interface CostModelRow extends ModelKey {
  /** `1.08`: estimates are multiplied by it. */
  readonly factor: string;
  readonly samples: number;
  /** 0 to 1. */
  readonly meanAccuracy: string;
  readonly updatedUs: number;
}

/** One job that was learned from; an amended one keeps its place. */
export interface Sample {
  readonly ratio: string;
  readonly accuracy: string;
}

export const EVERY = '*';
const DIGITS = 9;
const LEAST_RATIO = fraction('0.1');
const MOST_RATIO = fraction('10');
const WEIGHT = fraction('0.2');
/** So many samples are averaged; each one after them moves the factor by a fifth. */
const AVERAGED = 5;
/** A sample so many places back moves the factor by less than the ninth digit: 0.8^200. */
export const REMEMBERED = AVERAGED + 200;
/** From so many samples on a factor is used. */
const TRUSTED = 5;
const CONFIDENCE = { least: 60, step: 5, stepsMax: 6, most: 90 } as const;

/** actual / unlearned estimate between 0.1 and 10; undefined: not a job to learn from. */
export function ratioOf(actual: Money, unlearned: Money, leastEstimate: Money): string | undefined {
  const isUsable =
    compared(exactly(actual), NOTHING) > 0 &&
    compared(exactly(unlearned), exactly(leastEstimate)) >= 0;
  const ratio = isUsable ? divided(exactly(actual), exactly(unlearned)) : NOTHING;
  return isUsable ? toFixed(greater(LEAST_RATIO, lesser(MOST_RATIO, ratio)), DIGITS) : undefined;
}

function meanOf(values: readonly Ratio[]): Ratio {
  const sum = values.reduce(added, NOTHING);
  return values.length === 0 ? NOTHING : divided(sum, exactly(values.length));
}

/** Short again after each step, or exact fractions would grow without end. */
function shortened(value: Ratio): Ratio {
  return fraction(toFixed(value, DIGITS));
}

/**
 * The factor after these samples, oldest first: the mean of up to five, then a fifth of the way to each
 * further one. Only the last REMEMBERED of them are needed. No sample: 1.
 */
export function factorOf(samples: readonly Sample[]): string {
  const ratios = samples.map(({ ratio }) => fraction(ratio));
  if (ratios.length === 0) {
    return toFixed(exactly(1), DIGITS);
  }
  const start = shortened(meanOf(ratios.slice(0, AVERAGED)));
  const factor = ratios
    .slice(AVERAGED)
    .reduce(
      (now, ratio) => shortened(added(now, multiplied(WEIGHT, subtracted(ratio, now)))),
      start,
    );
  return toFixed(factor, DIGITS);
}

/** Most specific first: what a job is learned under, and where its factor is looked for. */
export function keysOf({ account, partition, profile }: ModelKey): readonly ModelKey[] {
  const keys = [
    { account, partition, profile },
    { account: EVERY, partition, profile },
    { account: EVERY, partition, profile: EVERY },
  ];
  return keys;
}

export function isOfKey(row: ModelKey, key: ModelKey): boolean {
  return (
    row.account === key.account && row.partition === key.partition && row.profile === key.profile
  );
}

export interface Learned {
  readonly factor: Ratio;
  /** Hundredths. */
  readonly confidence: number;
}

/** The factor of the most specific key with five samples or more. */
export function learnedFactor(models: readonly CostModelRow[], job: ModelKey): Learned | undefined {
  const model = keysOf(job)
    .map((key) => models.find((row) => isOfKey(row, key)))
    .find((row) => row !== undefined && row.samples >= TRUSTED);
  if (model === undefined) {
    return;
  }
  const { least, step, stepsMax, most } = CONFIDENCE;
  const steps = Math.min(model.samples - TRUSTED + 1, stepsMax);
  return {
    factor: fraction(model.factor),
    confidence: Math.min(most, least + step * steps),
  };
}
