import type { Json, JsonObject } from '../json.ts';
import { fromMicrosText, type Money, toDecimal, toMicrosText } from '../money/money.ts';
import type { CostStory } from './reconcile-records.ts';

/** What somebody tells of the cost of one hold; everything but when and how long it was worked on. */
export interface AmendStory extends Omit<CostStory, 'effective' | 'mayLearn' | 'durationMs'> {
  readonly token: string;
  readonly job?: { readonly jobId: number; readonly arrayTask: number } | undefined;
  readonly amend: boolean;
  /** Job end; absent: not told. */
  readonly endS?: number | undefined;
  /** JSON text, kept with the charge. */
  readonly metadata?: string | undefined;
}

/** What a proposal shows of it, and in `cost` all of it. */
export interface AmendArgs {
  readonly account: string;
  readonly job: string;
  /** Signed dollars as text: what would be added to the charge. */
  readonly amount: string;
  readonly cost: JsonObject;
}

/** Members without a value are left out: they would not come back from JSON. */
function told(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const known = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(known);
}

/** For core/ledger/proposals.ts; `amendStoryOf` reads it again. */
export function amendArgs(
  story: AmendStory,
  { account, job }: Pick<AmendArgs, 'account' | 'job'>,
  difference: Money,
): AmendArgs & JsonObject {
  const { token, job: ref, actual, amend, endS, metadata, performance } = story;
  const { partition, source, state, profile, priced, payload } = story;
  const cost = told({
    ...{ token, amend, endS, metadata, partition, source, state, profile, priced, payload },
    actual: toMicrosText(actual),
    job: ref && { ...ref },
    performance: performance && told({ ...performance }),
  });
  return { account, job, amount: toDecimal(difference), cost };
}

/** The story of a proposal's arguments. */
export function amendStoryOf({ cost }: Pick<AmendArgs, 'cost'>): AmendStory {
  const kept = cost as unknown as Omit<AmendStory, 'actual'> & { readonly actual: string }; // by amendArgs
  return { ...kept, actual: fromMicrosText(kept.actual) };
}
