/** An instance of a launch answer. */
export interface Arrived {
  readonly instanceId: string;
  readonly zone: string;
}

export interface Assigned<T> {
  readonly node: string;
  readonly instance: T;
}

/**
 * i-th node to i-th instance, nodes as they come (by group and index), instances by zone and id
 * (burst.md 5.9). The same answer gives the same pairs, whoever reads it again.
 */
export function assign<T extends Arrived>(
  nodes: readonly string[],
  instances: readonly T[],
): readonly Assigned<T>[] {
  const sorted = instances.toSorted(
    (a, b) => compareText(a.zone, b.zone) || compareText(a.instanceId, b.instanceId),
  );
  return sorted.flatMap((instance, at) => {
    const node = nodes[at];
    return node === undefined ? [] : [{ node, instance }];
  });
}

function compareText(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
