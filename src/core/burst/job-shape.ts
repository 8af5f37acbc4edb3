import type { JsonObject } from '../json.ts';

/** Counts of one generic resource, by where they were asked for (`--gpus`, `--gpus-per-node`, …). */
export interface GresAsk {
  /** `gpu`, `gpu:tesla`. */
  readonly name: string;
  readonly count: number;
  readonly per: 'job' | 'node' | 'task' | 'socket';
}

/** Time limits and default memory of a partition, as slurmctld has them. */
export interface PartitionLimits {
  readonly defaultSeconds?: number | 'UNLIMITED' | undefined;
  readonly maxSeconds?: number | 'UNLIMITED' | undefined;
  readonly memoryPerCpuMib?: number | undefined;
  readonly memoryPerNodeMib?: number | undefined;
}

/** What a job asks for, in the words of pricing: from a request file, or from scontrol. */
export interface JobShape {
  /** `a,b` as named; the first is booked. */
  readonly partitions: readonly string[];
  readonly timeLimitSeconds?: number | 'UNLIMITED' | undefined;
  readonly limits: Readonly<Record<string, PartitionLimits>>;
  readonly minNodes?: number | undefined;
  readonly maxNodes?: number | undefined;
  readonly tasks?: number | undefined;
  readonly tasksPerNode?: number | undefined;
  readonly cpusPerTask?: number | undefined;
  readonly minCpus?: number | undefined;
  readonly minCpusPerNode?: number | undefined;
  readonly memoryPerCpuMib?: number | undefined;
  /** 0: all of a node, which is always paid anyway. */
  readonly memoryPerNodeMib?: number | undefined;
  readonly gres: readonly GresAsk[];
  /** CPUs and MiB for each GPU (`--cpus-per-gpu`, `--mem-per-gpu`). */
  readonly cpusPerGpu?: number | undefined;
  readonly memoryPerGpuMib?: number | undefined;
  /** `--constraint` as given. */
  readonly features: string;
  /** Tasks of an array; 1 for any other job. */
  readonly arrayTasks: number;
}

const GRES =
  /^(?:gres[:/])?([A-Za-z][A-Za-z0-9_.-]*)(?:[:=/]([A-Za-z][A-Za-z0-9_.-]*))?(?:[:=]([0-9]{1,9}))?$/u;

/** `gres:gpu:2`, `gres:gpu:tesla:2`, `gres/gpu=2,…`; undefined when any part is none of these. */
export function parseGres(text: string, per: GresAsk['per']): readonly GresAsk[] | undefined {
  const asked: GresAsk[] = [];
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [, name, type, count = '1'] = GRES.exec(part) ?? [];
    if (name === undefined) {
      return undefined;
    }
    asked.push({ name: type === undefined ? name : `${name}:${type}`, count: Number(count), per });
  }
  return asked;
}

/** Written into hold.pricing, so that a change of the job can be priced on top of it. */
export function shapeJson(shape: JobShape): JsonObject {
  const { partitions, limits, gres, features, arrayTasks, ...numbers } = shape;
  const given: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined) {
      given[name] = value;
    }
  }
  return {
    ...given,
    partitions,
    features,
    arrayTasks,
    gres: gres.map(({ name, count, per }) => `${per}:${count}:${name}`),
  };
}

const GRES_TEXT = /^(job|node|task|socket):([0-9]+):(.+)$/u;
const NUMBERS = [
  'minNodes',
  'maxNodes',
  'tasks',
  'tasksPerNode',
  'cpusPerTask',
  'minCpus',
  'minCpusPerNode',
  'memoryPerCpuMib',
  'memoryPerNodeMib',
  'cpusPerGpu',
  'memoryPerGpuMib',
] as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : [];
}

function gresFrom(value: unknown): readonly GresAsk[] {
  return texts(value).flatMap((text) => {
    const [, per, count, name] = GRES_TEXT.exec(text) ?? [];
    // The pattern lists exactly the places of GresAsk.
    return name === undefined ? [] : [{ name, count: Number(count), per: per as GresAsk['per'] }];
  });
}

/** The shape that shapeJson wrote; undefined when it is something else. Limits are not kept. */
export function shapeFrom(value: unknown): JobShape | undefined {
  if (!isRecord(value) || !Array.isArray(value['partitions'])) {
    return undefined;
  }
  const limit = value['timeLimitSeconds'];
  const numbers = NUMBERS.flatMap((name) => {
    const number = value[name];
    return typeof number === 'number' ? [[name, number] as const] : [];
  });
  const { features, arrayTasks } = value;
  return {
    ...Object.fromEntries(numbers),
    partitions: texts(value['partitions']),
    timeLimitSeconds: typeof limit === 'number' || limit === 'UNLIMITED' ? limit : undefined,
    limits: {},
    gres: gresFrom(value['gres']),
    features: typeof features === 'string' ? features : '',
    arrayTasks: typeof arrayTasks === 'number' ? arrayTasks : 1,
  };
}
