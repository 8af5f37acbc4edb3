import type { NodeConf } from '../conf/node-lines.ts';
import type { Job, JobSpec } from './job.ts';
import { partitionOf } from './limits.ts';
import type { World } from './world.ts';

export function cpusPerTask(spec: JobSpec): number {
  return spec.cpusPerTask ?? 1;
}

/** Tasks as SLURM counts them: asked, else one a node (or as many as --ntasks-per-node says). */
export function taskCount(spec: JobSpec): number {
  return spec.numTasks ?? (spec.tasksPerNode ?? 1) * (spec.minNodes ?? 1);
}

/** CPUs of the request: `NumCPUs=` while pending. */
export function neededCpus(world: World, job: Job): number {
  const perTask = Math.max(taskCount(job.spec) * cpusPerTask(job.spec), job.spec.minNodes ?? 1);
  return isWholeNodes(world, job) ? Math.max(perTask, job.spec.minNodes ?? 1) : perTask;
}

/** Nodes of the request: `-N`, else what its CPUs need on this partition's largest node. */
export function neededNodes(world: World, job: Job): number {
  if (job.spec.minNodes !== undefined) {
    return job.spec.minNodes;
  }
  const nodes = partitionOf(world, job.partition)?.nodes ?? [];
  const most = Math.max(1, world.conf.nodes.get(nodes[0] ?? '')?.cpus ?? 1);
  return Math.max(1, Math.ceil(neededCpus(world, job) / most), job.spec.reqNodes.length);
}

export function isWholeNodes(world: World, job: Job): boolean {
  return job.spec.isExclusive || partitionOf(world, job.partition)?.isExclusive === true;
}

export interface Memory {
  readonly perCpu: number | undefined;
  readonly perNode: number | undefined;
}

/** MiB: as asked, else the defaults of the partition, else of the cluster; neither: the whole node. */
export function memoryOf(world: World, job: Job): Memory {
  const { memPerCpu, memPerNode } = job.spec;
  if (memPerCpu !== undefined || memPerNode !== undefined) {
    return { perCpu: memPerCpu, perNode: memPerNode === 0 ? undefined : memPerNode };
  }
  const partition = partitionOf(world, job.partition);
  const { conf } = world;
  return {
    perCpu: partition?.defMemPerCpu ?? conf.defMemPerCpu,
    perNode: partition?.defMemPerNode ?? conf.defMemPerNode,
  };
}

/** MiB that the job takes on a node where it has so many CPUs. */
export function memoryOn(world: World, job: Job, node: NodeConf, cpus: number): number {
  const { perCpu, perNode } = memoryOf(world, job);
  return perNode ?? (perCpu === undefined ? node.realMemory : perCpu * cpus);
}

export function gpusOn(job: Job, nodeCount: number): number {
  const { gpusPerNode, gpusPerJob } = job.spec;
  return gpusPerNode?.count ?? Math.ceil((gpusPerJob?.count ?? 0) / nodeCount);
}
