import type { NodeGroupSettings } from '../../config/settings.ts';
import { nodeSize } from '../node-count.ts';
import type { Directives } from './directives.ts';

/** What slurmctld, or a person, says of the job; what is absent is taken from the script. */
export interface AskedJob {
  readonly name?: string | undefined;
  readonly nodes?: number | undefined;
  readonly ntasks?: number | undefined;
  readonly tasksPerNode?: number | undefined;
  readonly cpusPerTask?: number | undefined;
  /** CPUs of the whole job, as allocated. */
  readonly cpus?: number | undefined;
  readonly memoryPerNodeMib?: number | undefined;
  readonly memoryPerCpuMib?: number | undefined;
  readonly gpusPerNode?: number | undefined;
  readonly constraint?: string | undefined;
  readonly isArrayTask?: boolean | undefined;
}

/** The numbers that the rules work with (burst.md 4.1): job record > #SBATCH line > default. */
export interface JobNumbers {
  readonly name: string;
  readonly nodes: number;
  /** 0: unknown. */
  readonly ntasks: number;
  readonly cpusPerTask: number;
  readonly cpusPerNode: number;
  /** Undefined: not known. */
  readonly mibPerNode: number | undefined;
  readonly gpusPerNode: number;
  readonly constraint: string;
  readonly isArrayTask: boolean;
}

export function jobNumbers(
  job: AskedJob,
  asked: Directives,
  group: NodeGroupSettings | undefined,
): JobNumbers {
  const nodes = Math.max(1, job.nodes ?? asked.nodes ?? 1);
  const tasksPerNode = job.tasksPerNode ?? asked.tasksPerNode ?? 0;
  const ntasks = job.ntasks ?? asked.ntasks ?? tasksPerNode * nodes;
  const cpusPerTask = Math.max(1, job.cpusPerTask ?? asked.cpusPerTask ?? 1);
  const cpusPerNode = cpusOf(job, { nodes, ntasks, cpusPerTask }, group);
  return {
    name: job.name ?? asked.jobName ?? '',
    nodes,
    ntasks,
    cpusPerTask,
    cpusPerNode,
    mibPerNode: memoryOf(job, asked, cpusPerNode) ?? declaredMemory(group),
    gpusPerNode: job.gpusPerNode ?? gpusOf(asked, nodes),
    constraint: job.constraint ?? asked.constraint ?? '',
    isArrayTask: job.isArrayTask ?? asked.array !== undefined,
  };
}

/** As allocated, else as the nodes declare them, else what the tasks need. */
function cpusOf(
  { cpus }: AskedJob,
  { nodes, ntasks, cpusPerTask }: Pick<JobNumbers, 'nodes' | 'ntasks' | 'cpusPerTask'>,
  group: NodeGroupSettings | undefined,
): number {
  if (cpus !== undefined && cpus > 0) {
    return Math.ceil(cpus / nodes);
  }
  return group === undefined
    ? Math.max(1, Math.ceil(ntasks / nodes)) * cpusPerTask
    : nodeSize(group).cpus;
}

/** `--mem=0` is all of the node, as unset is. */
function memoryOf(job: AskedJob, asked: Directives, cpusPerNode: number): number | undefined {
  const isGiven = job.memoryPerNodeMib !== undefined || job.memoryPerCpuMib !== undefined;
  const { memoryPerNodeMib, memoryPerCpuMib } = isGiven ? job : asked;
  const whole = memoryPerNodeMib ?? (memoryPerCpuMib ?? 0) * cpusPerNode;
  return whole === 0 ? undefined : whole;
}

function declaredMemory(group: NodeGroupSettings | undefined): number | undefined {
  return group === undefined ? undefined : nodeSize(group).memoryMib;
}

function gpusOf({ gpus, gpusPerNode, gres }: Directives, nodes: number): number {
  return gpusPerNode ?? gres ?? Math.ceil((gpus ?? 0) / nodes);
}
