import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { bootFailuresNote, parseBootFailures, withoutBootFailures } from './boot-failures.ts';

// Protected mode (burst.md 9.7): a partition whose nodes boot in vain takes no more jobs until a
// person has looked.

/** Since when, by partition. */
export type Protected = Readonly<Record<string, number>>;

export function protectedNote(cluster: string): string {
  return `protected:${cluster}`;
}

export function parseProtected(note: string | undefined): Protected {
  // Written by the two functions below alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as Protected);
}

export function recordProtected(view: View, partition: string): Decision<number> {
  const name = protectedNote(view.clusterName);
  const before = parseProtected(view.notes[name]);
  const value = JSON.stringify({ ...before, [partition]: before[partition] ?? view.nowS });
  return { changes: [{ change: 'putNote', name, value }], answer: 1 };
}

/** Answers whether it was protected. Notes: protected, boot-failures. */
export function recordUnprotected(view: View, partition: string): Decision<boolean> {
  const name = protectedNote(view.clusterName);
  const before = parseProtected(view.notes[name]);
  const failuresName = bootFailuresNote(view.clusterName);
  const failures = parseBootFailures(view.notes[failuresName]);
  const wasProtected = Object.hasOwn(before, partition);
  const rest = Object.fromEntries(Object.entries(before).filter(([key]) => key !== partition));
  const left = withoutBootFailures(failures, partition);
  return {
    changes: [
      ...(wasProtected ? [{ change: 'putNote' as const, name, value: JSON.stringify(rest) }] : []),
      ...(Object.hasOwn(failures, partition)
        ? [{ change: 'putNote' as const, name: failuresName, value: JSON.stringify(left) }]
        : []),
    ],
    answer: wasProtected,
  };
}

/** Partitions whose boots fail again and again: those to be closed now, and those where a job runs. */
export function toProtect(facts: {
  readonly failures: Readonly<Record<string, number>>;
  readonly isProtected: Protected;
  /** Partitions with a job that runs. */
  readonly busy: ReadonlySet<string>;
  /** burst.protected_failure_count; 0 or less: never. */
  readonly limit: number;
}): { readonly close: readonly string[]; readonly alertOnly: readonly string[] } {
  const { failures, isProtected, busy, limit } = facts;
  const failing = Object.entries(failures)
    .filter(([partition, count]) => limit > 0 && count >= limit && !(partition in isProtected))
    .map(([partition]) => partition);
  return {
    close: failing.filter((partition) => !busy.has(partition)),
    alertOnly: failing.filter((partition) => busy.has(partition)),
  };
}
