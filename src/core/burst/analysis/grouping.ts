import type { NodeGroupSettings } from '../../config/settings.ts';
import type { EfaLevel } from '../constraint.ts';

export type Strategy = 'cluster' | 'partition' | 'spread';

/** The placement group of a gang on one node group (burst.md 4.6). */
export interface Grouping {
  readonly strategy: Strategy | undefined;
  /** The rule that decided, one line. */
  readonly reason: string;
  /** A group that exists already and is not ours to delete; absent: one is made for the attempt. */
  readonly name?: string | undefined;
  /** True: after the first capacity failure the gang is tried without the group. */
  readonly isOptional?: boolean | undefined;
}

export interface GroupingQuestion {
  readonly nodes: number;
  readonly isMpi: boolean;
  readonly level: EfaLevel;
  /** Of the plan; it wins over the node group. */
  readonly planned?: Strategy | 'none' | undefined;
  readonly configured: NodeGroupSettings['placement_group'];
  readonly candidates: readonly {
    readonly instanceType: string;
    readonly clusterGroups: boolean;
  }[];
  /** `mpi.placement_group_threshold`. */
  readonly threshold: number;
  /** `mpi.force_cluster_placement_group`. */
  readonly force: boolean;
}

export function groupingOf(question: GroupingQuestion): Grouping {
  const { planned, configured, nodes, candidates } = question;
  const said = planned ?? configured;
  const reason = planned === undefined ? `placement_group: ${configured}` : 'the execution plan';
  if (said === 'none') {
    return none(reason);
  }
  if (nodes < 2) {
    return none('one node needs no placement group');
  }
  if (said === 'auto') {
    return byRule(question);
  }
  const without = candidates.filter(({ clusterGroups }) => !clusterGroups);
  return said === 'cluster' && candidates.length > 0 && without.length === candidates.length
    ? none(noCluster(without))
    : { strategy: said, reason };
}

function byRule(question: GroupingQuestion): Grouping {
  const { force, nodes, isMpi, threshold, level, candidates } = question;
  if (!force && !isMpi) {
    return none('not an MPI job');
  }
  if (!force && nodes < threshold) {
    return none(`fewer nodes than mpi.placement_group_threshold ${threshold}`);
  }
  const without = candidates.filter(({ clusterGroups }) => !clusterGroups);
  if (without.length > 0) {
    return none(noCluster(without));
  }
  if (force) {
    return cluster('mpi.force_cluster_placement_group');
  }
  return level === 'required' || level === 'preferred'
    ? cluster(`MPI with EFA ${level}`)
    : { ...cluster(`MPI on ${nodes} nodes, EFA ${level}`), isOptional: true };
}

function noCluster(types: readonly { readonly instanceType: string }[]): string {
  return `${types.map(({ instanceType }) => instanceType).join(', ')}: no cluster placement group`;
}

function cluster(reason: string): Grouping {
  return { strategy: 'cluster', reason };
}

function none(reason: string): Grouping {
  return { strategy: undefined, reason };
}
