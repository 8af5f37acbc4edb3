import type { NodeGroupSettings, PartitionSettings } from '../../config/settings.ts';
import { mayServe } from '../constraint.ts';
import { nodeSize, nodesNeeded } from '../node-count.ts';
import type { JobNumbers } from './job-numbers.ts';

/** `misfit`: SLURM would take none of them, and why not even this one. */
export interface BestGroup {
  readonly group: NodeGroupSettings;
  readonly misfit?: string | undefined;
}

/**
 * Which node group of a partition SLURM would take for the job, as far as one can tell beforehand.
 * Undefined: the partition has none.
 */
export function bestGroup(
  { node_groups }: PartitionSettings,
  job: JobNumbers,
): BestGroup | undefined {
  const serving = node_groups.filter((group) => mayServe(job.constraint, featuresOf(group)));
  const judged = serving.map((group) => ({ group, misfit: misfitOf(group, job) }));
  const [first] = node_groups;
  const unserved =
    first === undefined ? undefined : { group: first, misfit: `--constraint ${job.constraint}` };
  return judged.find(({ misfit }) => misfit === undefined) ?? judged[0] ?? unserved;
}

function featuresOf({ slurm_specifications }: NodeGroupSettings): readonly string[] {
  const text = slurm_specifications['Feature'] ?? slurm_specifications['Features'] ?? '';
  return text.split(',').map((feature) => feature.trim());
}

/** In a few words; undefined: it can hold the job. */
function misfitOf(group: NodeGroupSettings, job: JobNumbers): string | undefined {
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
  if ('misfit' in need) {
    return need.misfit;
  }
  return need.nodes <= group.max_nodes
    ? undefined
    : `it takes ${need.nodes} nodes, max_nodes is ${group.max_nodes}`;
}
