import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { breakersNote, breakersText, failed, parseBreakers, poolKey } from './breakers.ts';

// What spot interruptions teach (burst.md 9.4): the pool rests for ten minutes, and a job that lost
// two attempts within a day is started on-demand.

/** Attempts that EC2 ended, by job id. */
export type Interruptions = Readonly<
  Record<string, readonly { readonly atS: number; readonly attempt: string }[]>
>;

export interface SpotEnd {
  readonly instanceType: string;
  readonly zone: string;
  readonly jobIds: readonly number[];
  /** A run's hold and its attempt: a run that was charged goes on under another hold. */
  readonly attempt: string;
}

const RULES = { windowS: 600, threshold: 1, openForS: 600 } as const;
const REMEMBERED_S = 86_400;
const WEARY_AT = 2;

export function interruptionsNote(cluster: string): string {
  return `interruptions:${cluster}`;
}

export function parseInterruptions(note: string | undefined): Interruptions {
  // Written by recordSpotEnds alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as Interruptions);
}

/** True: the job's next attempt is on-demand where the hold allows it. */
export function isWearyOfSpot(interruptions: Interruptions, jobId: number, nowS: number): boolean {
  return recent(interruptions[`${jobId}`] ?? [], nowS).length >= WEARY_AT;
}

function recent(
  times: Interruptions[string],
  nowS: number,
): readonly { readonly atS: number; readonly attempt: string }[] {
  return times.filter(({ atS }) => nowS - atS < REMEMBERED_S);
}

/** Several nodes of one attempt are one interruption of the job. Notes: interruptions, breakers. */
export function recordSpotEnds(view: View, ends: readonly SpotEnd[]): Decision<number> {
  const breakersName = breakersNote(view.clusterName);
  const keys = [...new Set(ends.map((end) => poolKey(end.instanceType, end.zone, 'spot')))];
  const breakers = failed(parseBreakers(view.notes[breakersName]), keys, view.nowS, RULES);
  const name = interruptionsNote(view.clusterName);
  const interruptions = ends.reduce(
    (after, end) => withEnd(after, end, view.nowS),
    pruned(parseInterruptions(view.notes[name]), view.nowS),
  );
  return {
    changes: [
      { change: 'putNote', name: breakersName, value: breakersText(breakers, view.nowS) },
      { change: 'putNote', name, value: JSON.stringify(interruptions) },
    ],
    answer: keys.length,
  };
}

function pruned(before: Interruptions, nowS: number): Interruptions {
  return Object.fromEntries(
    Object.entries(before).filter(([, times]) => recent(times, nowS).length > 0),
  );
}

function withEnd(before: Interruptions, end: SpotEnd, nowS: number): Interruptions {
  const more = end.jobIds
    .map((jobId) => `${jobId}`)
    .filter((jobId) => !before[jobId]?.some(({ attempt }) => attempt === end.attempt))
    .map((jobId) => [jobId, [...(before[jobId] ?? []), { atS: nowS, attempt: end.attempt }]]);
  return { ...before, ...Object.fromEntries(more) };
}
