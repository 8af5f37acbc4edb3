import { isRefused, type Refused, refused } from '../errors.ts';
import { arrayTaskCount } from '../slurm/array.ts';
import {
  cutText,
  type JobRequest,
  type Minutes,
  type ModifyRequest,
  type RequestPartition,
  type RequestTexts,
} from '../slurm/job-request.ts';
import { type GresAsk, type JobShape, type PartitionLimits, parseGres } from './job-shape.ts';

const SECONDS_PER_MINUTE = 60;

function seconds(minutes: Minutes | undefined): number | 'UNLIMITED' | undefined {
  return typeof minutes === 'number' ? minutes * SECONDS_PER_MINUTE : minutes;
}

function limitsOf(parts: Readonly<Record<string, RequestPartition>>): JobShape['limits'] {
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]): readonly [string, PartitionLimits] => [
      name,
      {
        defaultSeconds: seconds(part.defaultTime),
        maxSeconds: seconds(part.maxTime),
        memoryPerCpuMib: part.defMemPerCpuMib,
        memoryPerNodeMib: part.defMemPerNodeMib,
      },
    ]),
  );
}

function unreadable(what: string): Refused {
  return refused('POLICY', `${what} of this job cannot be read`, { advice: 'write it simpler' });
}

const PLACES = [
  ['tresPerJob', 'job'],
  ['tresPerNode', 'node'],
  ['tresPerSocket', 'socket'],
  ['tresPerTask', 'task'],
] as const;

/** All generic resources; the places that the request leaves out keep what they had. */
function gresOf(texts: RequestTexts, before: readonly GresAsk[]): readonly GresAsk[] | Refused {
  const all: GresAsk[] = [];
  for (const [name, per] of PLACES) {
    const text = texts[name];
    const asked =
      text === undefined ? before.filter((ask) => ask.per === per) : parseGres(text, per);
    if (asked === undefined) {
      return unreadable('--gres or --gpus');
    }
    all.push(...asked);
  }
  return all;
}

/** `gres:gpu:4` of --cpus-per-gpu, --mem-per-gpu: its number. */
function perGpu(text: string | undefined): number | undefined {
  const [first] = text === undefined ? [] : (parseGres(text, 'node') ?? []);
  return first?.count;
}

function some(count: number | undefined): number | undefined {
  return count === 0 ? undefined : count;
}

function names(partition: string | undefined): readonly string[] {
  return (partition ?? '').split(',').filter((name) => name !== '');
}

const NOTHING: JobShape = { partitions: [], limits: {}, gres: [], features: '', arrayTasks: 1 };

/** Memory a CPU and memory a node exclude each other: the one that is given now counts. */
function memoryOf(request: JobRequest, before: JobShape): Partial<JobShape> {
  const { minMemPerCpuMib, minMemPerNodeMib } = request;
  const isGiven = minMemPerCpuMib !== undefined || minMemPerNodeMib !== undefined;
  return isGiven
    ? { memoryPerCpuMib: minMemPerCpuMib, memoryPerNodeMib: minMemPerNodeMib }
    : { memoryPerCpuMib: before.memoryPerCpuMib, memoryPerNodeMib: before.memoryPerNodeMib };
}

const COUNTS = [
  ['minNodes', 'minNodes'],
  ['maxNodes', 'maxNodes'],
  ['numTasks', 'tasks'],
  ['ntasksPerNode', 'tasksPerNode'],
  ['cpusPerTask', 'cpusPerTask'],
  ['minCpus', 'minCpus'],
  ['pnMinCpus', 'minCpusPerNode'],
] as const;

/** Counts of the request, and where it says nothing those from before. */
function countsOf(request: JobRequest, before: JobShape): Partial<JobShape> {
  return Object.fromEntries(
    COUNTS.map(([from, to]) => [to, some(request[from]) ?? before[to]] as const),
  );
}

function onTop(request: JobRequest, before: JobShape): JobShape | Refused {
  const cut = cutText(request);
  if (cut !== undefined) {
    return refused('POLICY', `the text of ${cut} is too long to be priced`, {
      advice: 'shorten it',
    });
  }
  const gres = gresOf(request, before.gres);
  if (isRefused(gres)) {
    return gres;
  }
  return {
    ...before,
    ...countsOf(request, before),
    ...memoryOf(request, before),
    partitions: request.partition === undefined ? before.partitions : names(request.partition),
    timeLimitSeconds: seconds(request.timeLimit) ?? before.timeLimitSeconds,
    limits: limitsOf(request.parts),
    gres,
    cpusPerGpu: perGpu(request.cpusPerTres) ?? before.cpusPerGpu,
    memoryPerGpuMib: perGpu(request.memPerTres) ?? before.memoryPerGpuMib,
    features: request.features ?? before.features,
  };
}

/** What the submitted job asks for. POLICY when the shim had to cut a word that decides the price. */
export function shapeOfRequest(request: JobRequest): JobShape | Refused {
  const { arrayInx } = request;
  const arrayTasks = arrayInx === undefined || arrayInx === '' ? 1 : arrayTaskCount(arrayInx);
  const shape = onTop(request, NOTHING);
  if (isRefused(shape)) {
    return shape;
  }
  return arrayTasks === undefined ? unreadable('--array') : { ...shape, arrayTasks };
}

/** The job before the update: as its hold was priced, with what slurmctld has by now. */
function beforeOf({ job }: ModifyRequest, priced: JobShape | undefined): JobShape {
  const base = priced ?? NOTHING;
  const perNode = parseGres(job.tresPerNode ?? '', 'node');
  return {
    ...base,
    partitions: names(job.partition),
    timeLimitSeconds: seconds(job.timeLimit) ?? base.timeLimitSeconds,
    minNodes: job.minNodes ?? base.minNodes,
    maxNodes: job.maxNodes ?? base.maxNodes,
    minCpus: job.minCpus ?? base.minCpus,
    features: job.features ?? base.features,
    gres:
      perNode === undefined || perNode.length === 0
        ? base.gres
        : [...base.gres.filter(({ per }) => per !== 'node'), ...perNode],
    arrayTasks: 1,
  };
}

/** One task of the job as it would be after the update. `priced`: the shape kept with its hold. */
export function shapeAfterUpdate(
  request: ModifyRequest,
  priced: JobShape | undefined,
): JobShape | Refused {
  return onTop(request, beforeOf(request, priced));
}
