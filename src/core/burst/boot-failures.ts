import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';

/** Instances that never became nodes, by partition, since its last success (burst.md 9.7). */
export type BootFailures = Readonly<Record<string, number>>;

export function bootFailuresNote(cluster: string): string {
  return `boot-failures:${cluster}`;
}

function parseBootFailures(note: string | undefined): BootFailures {
  // Written by the two functions below alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as BootFailures);
}

/** Answers the count of the partition afterwards. */
export function recordBootFailure(view: View, partition: string): Decision<number> {
  const name = bootFailuresNote(view.clusterName);
  const failures = parseBootFailures(view.notes[name]);
  const count = (failures[partition] ?? 0) + 1;
  return {
    changes: [
      { change: 'putNote', name, value: JSON.stringify({ ...failures, [partition]: count }) },
    ],
    answer: count,
  };
}

export function recordBootSuccess(view: View, partitions: readonly string[]): Decision<number> {
  const name = bootFailuresNote(view.clusterName);
  const failures = parseBootFailures(view.notes[name]);
  const gone = new Set(partitions);
  const rest = Object.entries(failures).filter(([partition]) => !gone.has(partition));
  return rest.length === Object.keys(failures).length
    ? { changes: [], answer: 0 }
    : {
        changes: [{ change: 'putNote', name, value: JSON.stringify(Object.fromEntries(rest)) }],
        answer: rest.length,
      };
}
