import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';

/**
 * Types whose nodes SLURM called invalid (INVALID_REG, burst.md F14): no nodes of this group until its
 * configuration or launch template changes.
 */
export type UnfitTypes = Readonly<
  Record<string, { readonly config: string; readonly atS: number }>
>;

export interface UnfitType {
  /** `PARTITION-GROUP`. */
  readonly nodeGroup: string;
  readonly instanceType: string;
  /** Of the group and its template as they were launched. */
  readonly config: string;
}

export function unfitNote(cluster: string): string {
  return `unfit-types:${cluster}`;
}

export function parseUnfit(note: string | undefined): UnfitTypes {
  // Written by recordUnfit alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as UnfitTypes);
}

function keyOf({ nodeGroup, instanceType }: Omit<UnfitType, 'config'>): string {
  return `${nodeGroup} ${instanceType}`;
}

export function isUnfit(types: UnfitTypes, type: UnfitType): boolean {
  const key = keyOf(type);
  return Object.hasOwn(types, key) && types[key]?.config === type.config;
}

export function recordUnfit(view: View, found: readonly UnfitType[]): Decision<number> {
  const name = unfitNote(view.clusterName);
  const types: UnfitTypes = {
    ...parseUnfit(view.notes[name]),
    ...Object.fromEntries(
      found.map((type) => [keyOf(type), { config: type.config, atS: view.nowS }]),
    ),
  };
  return {
    changes: [{ change: 'putNote', name, value: JSON.stringify(types) }],
    answer: found.length,
  };
}
