import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import {
  type Breakers,
  bootKey,
  breakersNote,
  breakersText,
  failed,
  parseBreakers,
  phaseOf,
  succeeded,
} from './breakers.ts';

/** Instances that never became nodes, by partition, since its last success (burst.md 9.7). */
export type BootFailures = Readonly<Record<string, number>>;

/** Where an instance was: `type` in `zone`. */
export interface BootPlace {
  readonly instanceType: string;
  readonly zone: string;
}

export interface FailedBoot {
  readonly partition: string;
  /** Absent where no row tells them. */
  readonly instanceType?: string | undefined;
  readonly zone?: string | undefined;
}

/** Three failures of one type in one zone within an hour: not launched there for an hour (9.3). */
const RULES = { windowS: 3600, threshold: 3, openForS: 3600 } as const;

export function bootFailuresNote(cluster: string): string {
  return `boot-failures:${cluster}`;
}

export function bootNotes(cluster: string): readonly string[] {
  return [bootFailuresNote(cluster), breakersNote(cluster)];
}

export function parseBootFailures(note: string | undefined): BootFailures {
  // Written by the functions below alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as BootFailures);
}

/** Answers the counts of these partitions afterwards. Query: bootNotes. */
export function recordBootFailures(
  view: View,
  boots: readonly FailedBoot[],
): Decision<Readonly<Record<string, number>>> {
  const name = bootFailuresNote(view.clusterName);
  const before = parseBootFailures(view.notes[name]);
  const counts = Object.fromEntries(
    [...Map.groupBy(boots, ({ partition }) => partition)].map(([partition, members]) => [
      partition,
      (before[partition] ?? 0) + members.length,
    ]),
  );
  const breakersName = breakersNote(view.clusterName);
  const breakers = boots.reduce(
    (after, boot) => failed(after, keysOf(boot), view.nowS, RULES),
    parseBreakers(view.notes[breakersName]),
  );
  return {
    changes: [
      { change: 'putNote', name, value: JSON.stringify({ ...before, ...counts }) },
      { change: 'putNote', name: breakersName, value: breakersText(breakers, view.nowS) },
    ],
    answer: counts,
  };
}

function keysOf({ instanceType, zone }: Omit<FailedBoot, 'partition'>): readonly string[] {
  return instanceType === undefined || zone === undefined ? [] : [bootKey(instanceType, zone)];
}

/** A node registered: its partition boots again, and so does a place that was on trial. */
export function recordBootSuccess(
  view: View,
  partitions: readonly string[],
  places: readonly BootPlace[],
): Decision<number> {
  const name = bootFailuresNote(view.clusterName);
  const failures = parseBootFailures(view.notes[name]);
  const gone = new Set(partitions);
  const rest = Object.entries(failures).filter(([partition]) => !gone.has(partition));
  const breakersName = breakersNote(view.clusterName);
  const breakers = parseBreakers(view.notes[breakersName]);
  const tried = places.flatMap(keysOf).filter((key) => isOnTrial(breakers, key, view.nowS));
  return {
    changes: [
      ...(rest.length === Object.keys(failures).length
        ? []
        : [
            {
              change: 'putNote' as const,
              name,
              value: JSON.stringify(Object.fromEntries(rest)),
            },
          ]),
      ...(tried.length === 0
        ? []
        : [
            {
              change: 'putNote' as const,
              name: breakersName,
              value: breakersText(succeeded(breakers, tried), view.nowS),
            },
          ]),
    ],
    answer: rest.length,
  };
}

/** While it is merely counting, or still open, a success from before says nothing new. */
function isOnTrial(breakers: Breakers, key: string, nowS: number): boolean {
  const breaker = breakers[key];
  return breaker?.probeS !== undefined || phaseOf(breaker, nowS) === 'half-open';
}

/** `asbb nodes unprotect`: the count begins anew. */
export function withoutBootFailures(failures: BootFailures, partition: string): BootFailures {
  return Object.fromEntries(Object.entries(failures).filter(([name]) => name !== partition));
}
