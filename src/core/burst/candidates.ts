import type { NodeGroupSettings } from '../config/settings.ts';
import type { Rate } from '../money/rate.ts';
import { capabilityOf } from './capability.ts';

/** A type that may become a node of the group, in the order written in the configuration. */
export interface Candidate {
  readonly instanceType: string;
  /** On-demand, dollars per hour. */
  readonly rate: Rate;
  /** The cap for spot, decimal text as configured. */
  readonly spotPrice?: string | undefined;
  readonly subnetIds: readonly string[];
  readonly efa: boolean;
  readonly spot: boolean;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** One line a type that was left out, and why. */
  readonly reasons: readonly string[];
}

/** slurmctld lets a CLOUD node register with 90 % of RealMemory (node_reg_mem_percent). */
const MEMORY_SHARE = 0.9;

/** The group's types that can hold what its nodes declare and whose price is known (burst.md 4.5). */
export function candidatesOf(
  group: NodeGroupSettings,
  rateOf: (instanceType: string) => Rate | undefined,
): Candidates {
  const reasons: string[] = [];
  const candidates: Candidate[] = [];
  for (const override of group.launch_template_overrides) {
    const misfit = whyNot(override.instance_type, group.slurm_specifications);
    const rate = rateOf(override.instance_type);
    if (misfit !== undefined) {
      reasons.push(`${override.instance_type}: ${misfit}`);
    } else if (rate === undefined) {
      reasons.push(`${override.instance_type}: no price known`);
    } else {
      const { efa, spot } = capabilityOf(override.instance_type);
      candidates.push({
        instanceType: override.instance_type,
        rate,
        spotPrice: override.spot_price,
        subnetIds: override.subnet_id === undefined ? group.subnet_ids : [override.subnet_id],
        efa,
        spot,
      });
    }
  }
  return { candidates, reasons };
}

/** A node that has less than it declares registers as invalid and drains: never launched. */
function whyNot(
  instanceType: string,
  declared: NodeGroupSettings['slurm_specifications'],
): string | undefined {
  const { vcpus, mib } = capabilityOf(instanceType);
  const cpus = Number(declared['CPUs'] ?? 0);
  const memory = Number(declared['RealMemory'] ?? 0);
  if (vcpus !== undefined && vcpus < cpus) {
    return `has ${vcpus} CPUs, the nodes declare ${cpus}`;
  }
  if (mib !== undefined && mib * MEMORY_SHARE < memory) {
    return `has ${mib} MiB, the nodes declare ${memory}`;
  }
  return undefined;
}

export interface Grouping {
  readonly strategy: 'cluster' | 'partition' | 'spread' | undefined;
  /** A group that exists and is not ours to delete; absent: one is made for the attempt. */
  readonly name?: string | undefined;
  /** Dropped after the first capacity failure (burst.md 4.6). */
  readonly isOptional?: boolean | undefined;
  /** The rule that decided, one line. */
  readonly reason: string;
}

export interface GroupingQuestion {
  readonly nodes: number;
  readonly configured: NodeGroupSettings['placement_group'];
  readonly candidates: readonly Candidate[];
  readonly threshold: number;
  readonly force: boolean;
}

/** Placement group of a gang on one node group (burst.md 4.6, thin: EFA types stand for MPI). */
export function groupingOf(question: GroupingQuestion): Grouping {
  const { nodes, configured } = question;
  if (configured === 'none') {
    return without('placement_group: none');
  }
  if (configured === 'partition' || configured === 'spread') {
    return { strategy: configured, reason: `placement_group: ${configured}` };
  }
  return nodes < 2 ? without('one node needs no placement group') : clusterGroup(question);
}

function clusterGroup(question: GroupingQuestion): Grouping {
  const { nodes, configured, candidates, threshold, force } = question;
  if (candidates.some(({ instanceType }) => !capabilityOf(instanceType).clusterGroups)) {
    return without('a candidate type supports no cluster placement group');
  }
  if (configured === 'cluster') {
    return { strategy: 'cluster', reason: 'placement_group: cluster' };
  }
  if (force) {
    return { strategy: 'cluster', reason: 'mpi.force_cluster_placement_group' };
  }
  if (nodes < threshold) {
    return without(`fewer nodes than mpi.placement_group_threshold ${threshold}`);
  }
  return candidates.length > 0 && candidates.every(({ efa }) => efa)
    ? { strategy: 'cluster', reason: `gang of ${nodes} nodes on EFA types` }
    : without('the candidate types have no EFA');
}

function without(reason: string): Grouping {
  return { strategy: undefined, reason };
}
