import type { NodeGroupSettings, PartitionSettings } from '../../config/settings.ts';
import { mayServe } from '../constraint.ts';
import { nodeSize, nodesNeeded } from '../node-count.ts';
import type { JobNumbers } from './job-numbers.ts';

/** Which node group of a partition SLURM would take for the job, as far as one can tell beforehand. */
export function bestGroup(
  { node_groups }: PartitionSettings,
  job: JobNumbers,
): NodeGroupSettings | undefined {
  const serving = node_groups.filter((group) => mayServe(job.constraint, featuresOf(group)));
  return serving.find((group) => canHold(group, job)) ?? serving[0];
}

function featuresOf({ slurm_specifications }: NodeGroupSettings): readonly string[] {
  const text = slurm_specifications['Feature'] ?? slurm_specifications['Features'] ?? '';
  return text.split(',').map((feature) => feature.trim());
}

function canHold(group: NodeGroupSettings, job: JobNumbers): boolean {
  const { nodes, ntasks, cpusPerTask, mibPerNode, gpusPerNode } = job;
  const need = nodesNeeded(
    {
      partitions: [],
      limits: {},
      features: '',
      arrayTasks: 1,
      minNodes: nodes,
      tasks: Math.max(nodes, ntasks),
      cpusPerTask,
      memoryPerNodeMib: mibPerNode,
      gres: gpusPerNode === 0 ? [] : [{ name: 'gpu', count: gpusPerNode, per: 'node' }],
    },
    nodeSize(group),
  );
  return 'nodes' in need && need.nodes <= group.max_nodes;
}
