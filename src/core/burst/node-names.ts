import type { NodeGroupSettings, PartitionSettings } from '../config/settings.ts';

export interface NodePlace {
  readonly node: string;
  readonly partition: string;
  readonly group: NodeGroupSettings;
  readonly index: number;
}

const NODE_NAME = /^([A-Za-z0-9]+)-([A-Za-z0-9]+)-([0-9]{1,9})$/;

/** The node group that a node belongs to: PARTITION-GROUP-INDEX, any zero padding (burst.md 2.3). */
export function nodePlace(
  partitions: readonly PartitionSettings[],
  node: string,
): NodePlace | undefined {
  const [, partitionName, groupName, digits] = NODE_NAME.exec(node) ?? [];
  const group = partitions
    .find(({ partition_name: name }) => name === partitionName)
    ?.node_groups.find(({ node_group_name: name }) => name === groupName);
  if (partitionName === undefined || group === undefined) {
    return undefined;
  }
  const index = Number(digits);
  const isInRange = index >= group.first_index && index < group.first_index + group.max_nodes;
  return isInRange ? { node, partition: partitionName, group, index } : undefined;
}

/** `aws-cpu`: what breakers, tags and tokens call the group. */
export function groupName(place: NodePlace): string {
  return `${place.partition}-${place.group.node_group_name}`;
}

/** Order of nodes at bind: by group, then index (burst.md 5.9). */
export function byPlace(a: NodePlace, b: NodePlace): number {
  const [x, y] = [groupName(a), groupName(b)];
  if (x !== y) {
    return x < y ? -1 : 1;
  }
  return a.index - b.index;
}
