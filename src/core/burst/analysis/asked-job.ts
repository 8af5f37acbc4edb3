import { type ShownJob, shapeOfShownJob } from '../scontrol-shape.ts';
import type { AskedJob } from './job-numbers.ts';
import { isGpu } from './sizes.ts';

/** A job as slurmctld shows it; ports/slurm SlurmJob has it all. */
export interface RecordedJob extends ShownJob {
  readonly name: string;
  readonly arrayTaskId?: string | undefined;
}

/** Numbers that slurmctld has decided; 0 tasks are none that it knows. */
export function askedJob(job: RecordedJob): AskedJob {
  const shape = shapeOfShownJob(job);
  return {
    name: job.name,
    nodes: job.numNodes,
    ntasks: job.numTasks > 0 ? job.numTasks : undefined,
    cpusPerTask: job.cpusPerTask,
    cpus: job.numCpus,
    memoryPerNodeMib: job.minMemoryNodeMib,
    memoryPerCpuMib: job.minMemoryCpuMib,
    gpusPerNode: shape.gres
      .filter(({ name }) => isGpu(name))
      .reduce((most, { count, per }) => Math.max(most, perNode(count, per, job.numNodes)), 0),
    constraint: shape.features,
    isArrayTask: job.arrayTaskId !== undefined,
  };
}

function perNode(count: number, per: string, nodes: number): number {
  return per === 'job' ? Math.ceil(count / Math.max(1, nodes)) : count;
}
