import type { NodeGroupSettings } from '../config/settings.ts';
import type { GresAsk, JobShape } from './job-shape.ts';
import { parseGres } from './job-shape.ts';

/** What one node of a group declares to SLURM. */
export interface NodeSize {
  readonly cpus: number;
  /** Undefined: not declared, so memory cannot speak against it. */
  readonly memoryMib?: number | undefined;
  readonly sockets: number;
  readonly gres: readonly GresAsk[];
}

const MIB_WITH_UNIT = /^([0-9]+)$/u;

function declared(group: NodeGroupSettings, name: string): number | undefined {
  const specifications = group.slurm_specifications;
  const key = Object.keys(specifications).find(
    (candidate) => candidate.toLowerCase() === name.toLowerCase(),
  );
  const text = key === undefined ? undefined : specifications[key];
  return text !== undefined && MIB_WITH_UNIT.test(text) ? Number(text) : undefined;
}

const CORES_IN_BRACKETS = /\([^)]*\)/gu;

/** slurm.conf(5) NodeName: CPUs, else Sockets × CoresPerSocket × ThreadsPerCore, each 1 by default. */
export function nodeSize(group: NodeGroupSettings): NodeSize {
  const sockets = declared(group, 'Sockets') ?? 1;
  const threads = declared(group, 'ThreadsPerCore') ?? 1;
  const cores = declared(group, 'CoresPerSocket') ?? 1;
  const gres = group.slurm_specifications['Gres'] ?? '';
  return {
    cpus: declared(group, 'CPUs') ?? sockets * cores * threads,
    memoryMib: declared(group, 'RealMemory'),
    sockets,
    gres: parseGres(gres.replaceAll(CORES_IN_BRACKETS, ''), 'node') ?? [],
  };
}

/** How many the node has of `gpu` (of any type) or of `gpu:tesla`. */
function available(name: string, size: NodeSize): number {
  return size.gres
    .filter((own) => own.name === name || own.name.startsWith(`${name}:`))
    .reduce((total, own) => total + own.count, 0);
}

/** The least number of nodes, or why no number of them would do. */
export type Need = { readonly nodes: number } | { readonly misfit: string };

function misfit(reason: string): Need {
  return { misfit: reason };
}

function isMisfit(need: Need): need is { readonly misfit: string } {
  return 'misfit' in need;
}

/** CPUs of a node that the job can use, given how much memory each of them brings along. */
function usableCpus(shape: JobShape, size: NodeSize): number {
  const { memoryPerCpuMib = 0 } = shape;
  return memoryPerCpuMib === 0 || size.memoryMib === undefined
    ? size.cpus
    : Math.min(size.cpus, Math.floor(size.memoryMib / memoryPerCpuMib));
}

/** How many tasks one node can run: CPUs, GPUs of a task, `--ntasks-per-node`. */
function tasksPerNode(shape: JobShape, size: NodeSize): number {
  const byCpu = Math.floor(usableCpus(shape, size) / (shape.cpusPerTask ?? 1));
  const byGres = shape.gres
    .filter(({ per, count }) => per === 'task' && count > 0)
    .map(({ name, count }) => Math.floor(available(name, size) / count));
  return Math.min(byCpu, shape.tasksPerNode ?? Number.POSITIVE_INFINITY, ...byGres);
}

function forTasks(shape: JobShape, size: NodeSize): Need {
  const fit = tasksPerNode(shape, size);
  if (fit < 1) {
    return misfit('no node has what one task asks for');
  }
  return { nodes: Math.ceil((shape.tasks ?? 1) / fit) };
}

function forCpus(shape: JobShape, size: NodeSize): Need {
  const usable = usableCpus(shape, size);
  const onEach = Math.max(
    shape.minCpusPerNode ?? 1,
    (shape.tasksPerNode ?? 0) * (shape.cpusPerTask ?? 1),
  );
  if (usable < 1 || onEach > usable) {
    return misfit(`no node has ${onEach} CPUs with the memory asked for`);
  }
  return { nodes: Math.ceil((shape.minCpus ?? 1) / usable) };
}

function forMemory({ memoryPerNodeMib = 0 }: JobShape, { memoryMib }: NodeSize): Need {
  return memoryMib !== undefined && memoryPerNodeMib > memoryMib
    ? misfit(`no node has ${memoryPerNodeMib} MiB`)
    : { nodes: 1 };
}

function forGres(ask: GresAsk, size: NodeSize): Need {
  const own = available(ask.name, size);
  if (ask.count === 0 || ask.per === 'task') {
    return { nodes: 1 }; // tasks were counted with what each of them asks for
  }
  const onEach = ask.per === 'socket' ? ask.count * size.sockets : ask.count;
  if (own === 0 || (ask.per !== 'job' && onEach > own)) {
    return misfit(`no node has ${onEach} of ${ask.name}`);
  }
  return { nodes: ask.per === 'job' ? Math.ceil(ask.count / own) : 1 };
}

/** `--cpus-per-gpu` and `--mem-per-gpu`: what the GPUs bring along must fit beside them. */
function forGpuCompanions(shape: JobShape, size: NodeSize): Need {
  const gpus = shape.gres
    .filter(({ name, per }) => per === 'job' && (name === 'gpu' || name.startsWith('gpu:')))
    .reduce((total, { count }) => total + count, 0);
  const byCpu = Math.floor(size.cpus / (shape.cpusPerGpu ?? 1));
  const byMemory =
    size.memoryMib === undefined || (shape.memoryPerGpuMib ?? 0) === 0
      ? Number.POSITIVE_INFINITY
      : Math.floor(size.memoryMib / (shape.memoryPerGpuMib ?? 1));
  const fit = Math.min(byCpu, byMemory);
  if (shape.cpusPerGpu === undefined && shape.memoryPerGpuMib === undefined) {
    return { nodes: 1 };
  }
  return fit < 1
    ? misfit('no node has the CPUs and memory that one GPU asks for')
    : { nodes: Math.ceil(gpus / fit) };
}

/**
 * N of burst.md 8.0: the largest of what is asked for and of what tasks, CPUs, memory and GPUs need on
 * this node, each rounded up. A node is always paid whole.
 */
export function nodesNeeded(shape: JobShape, size: NodeSize): Need {
  const needs: readonly Need[] = [
    { nodes: Math.max(1, shape.minNodes ?? 1, shape.maxNodes ?? 1) },
    forTasks(shape, size),
    forCpus(shape, size),
    forMemory(shape, size),
    forGpuCompanions(shape, size),
    ...shape.gres.map((ask) => forGres(ask, size)),
  ];
  const refusal = needs.find(isMisfit);
  return refusal ?? { nodes: Math.max(...needs.map((need) => (isMisfit(need) ? 0 : need.nodes))) };
}
