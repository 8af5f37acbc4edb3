import {
  added,
  divided,
  exactly,
  fraction,
  multiplied,
  NOTHING,
  subtracted,
  toFixed,
} from '../money/ratio.ts';
import { factorOf, keysOf, type ModelKey, type Sample } from './learning.ts';
import type { KeySamples, LearningChange, LearningView, SampleRow } from './records.ts';

const DIGITS = 9;

export interface Lesson {
  readonly holdId: number;
  readonly job: ModelKey;
  /** Undefined: nothing can be learned from it (any more). */
  readonly sample: Sample | undefined;
  readonly nowUs: number;
}

/** The mean after one value took the place of another; an absent one was or is not counted. */
function movedMean(
  mean: string,
  count: number,
  before: string | undefined,
  now: string | undefined,
): string {
  const left = count - (before === undefined ? 0 : 1) + (now === undefined ? 0 : 1);
  const sum = added(
    subtracted(multiplied(fraction(mean), exactly(count)), fraction(before ?? '0')),
    fraction(now ?? '0'),
  );
  return toFixed(left === 0 ? NOTHING : divided(sum, exactly(left)), DIGITS);
}

function withLesson(
  samples: readonly SampleRow[],
  before: SampleRow | undefined,
  now: SampleRow | undefined,
): readonly SampleRow[] {
  if (before === undefined) {
    return now === undefined ? samples : [...samples, now];
  }
  return samples.flatMap((row) => {
    if (row.sampleId !== before.sampleId) {
      return [row];
    }
    return now === undefined ? [] : [now];
  });
}

function modelChange(
  { key, samples, model }: KeySamples,
  { nowUs }: Lesson,
  before: SampleRow | undefined,
  now: SampleRow | undefined,
): LearningChange {
  const count = model?.samples ?? 0;
  const difference = (now === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
  return {
    change: 'putCostModel',
    row: {
      ...key,
      factor: factorOf(withLesson(samples, before, now)),
      samples: count + difference,
      meanAccuracy: movedMean(model?.meanAccuracy ?? '0', count, before?.accuracy, now?.accuracy),
      updatedUs: nowUs,
    },
  };
}

/**
 * Puts a job's ratio into its three models (budget.md 4.12); an amended one takes the place of its
 * former, one that is no sample any more leaves. No change when nothing is different. Query: learning
 * with the hold.
 */
export function learn(view: LearningView, lesson: Lesson): readonly LearningChange[] {
  const { sample: before } = view;
  const { sample, holdId, job } = lesson;
  const isSame =
    before === undefined
      ? sample === undefined
      : before.ratio === sample?.ratio && before.accuracy === sample.accuracy;
  if (isSame) {
    return [];
  }
  const place = before ?? { ...job, holdId, sampleId: view.next.sampleId };
  const now = sample === undefined ? undefined : { ...place, ...sample };
  const row: LearningChange =
    now === undefined
      ? { change: 'removeSample', sampleId: place.sampleId }
      : { change: 'putSample', row: now };
  return [row, ...view.keys.map((each) => modelChange(each, lesson, before, now))];
}

/** The keys that a lesson counts for: of a job that was learned from before, those of then. */
export function lessonKeys(job: ModelKey, before: SampleRow | undefined): readonly ModelKey[] {
  return keysOf(before ?? job);
}
