import { parseTres } from '../slurm/tres.ts';
import { type GresAsk, type JobShape, parseGres } from './job-shape.ts';

/** What pricing takes from a job as `scontrol show job` shows it; ports/slurm SlurmJob has it all. */
export interface ShownJob {
  readonly partition: string;
  readonly timeLimitSeconds?: number | undefined;
  readonly numNodes: number;
  readonly numCpus: number;
  readonly numTasks: number;
  readonly cpusPerTask: number;
  readonly features: string;
  readonly tres: string;
  readonly tresPerNode: string;
  readonly minMemoryNodeMib?: number | undefined;
  readonly minMemoryCpuMib?: number | undefined;
}

const GRES_PREFIX = 'gres/';
const NONE = /^\(null\)$/u;

/** GPUs and the like: as asked a node, else the totals of TRES. */
function gresOf({ tres, tresPerNode }: ShownJob): readonly GresAsk[] {
  const perNode = parseGres(tresPerNode.replace(NONE, ''), 'node') ?? [];
  if (perNode.length > 0) {
    return perNode;
  }
  return [...(parseTres(tres) ?? [])].flatMap(([name, count]) =>
    name.startsWith(GRES_PREFIX)
      ? [{ name: name.slice(GRES_PREFIX.length), count, per: 'job' as const }]
      : [],
  );
}

/**
 * The shape of a job that slurmctld has accepted: its time limit stands (none is UNLIMITED), nodes and
 * CPUs are resolved. One task of an array; a running job's numbers are those of its allocation.
 */
export function shapeOfShownJob(job: ShownJob): JobShape {
  return {
    partitions: job.partition.split(',').filter((name) => name !== ''),
    timeLimitSeconds: job.timeLimitSeconds ?? 'UNLIMITED',
    limits: {},
    minNodes: job.numNodes,
    minCpus: job.numCpus,
    tasks: Math.max(1, job.numTasks),
    cpusPerTask: Math.max(1, job.cpusPerTask),
    memoryPerCpuMib: job.minMemoryCpuMib,
    memoryPerNodeMib: job.minMemoryNodeMib,
    gres: gresOf(job),
    features: job.features.replace(NONE, ''),
    arrayTasks: 1,
  };
}
