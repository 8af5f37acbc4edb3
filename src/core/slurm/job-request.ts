import { type Refused, refused } from '../errors.ts';

// What job_submit.lua hands over (burst.md 7.8), read by hand: zod would cost more than the whole hook.
// Loose towards fields we do not know, strict on those we use. Sentinels of slurm.h become undefined.

/** `UNLIMITED`: slurm.h INFINITE. */
export type Minutes = number | 'UNLIMITED';

export interface RequestPartition {
  readonly maxTime: Minutes | undefined;
  readonly defaultTime: Minutes | undefined;
  readonly defMemPerCpuMib: number | undefined;
  readonly defMemPerNodeMib: number | undefined;
}

/** Numbers that a submission gives or an update changes; undefined: not given. */
export interface RequestNumbers {
  readonly timeLimit: Minutes | undefined;
  readonly minNodes: number | undefined;
  readonly maxNodes: number | undefined;
  readonly minCpus: number | undefined;
  readonly numTasks: number | undefined;
  readonly ntasksPerNode: number | undefined;
  readonly cpusPerTask: number | undefined;
  readonly pnMinCpus: number | undefined;
  readonly minMemPerCpuMib: number | undefined;
  readonly minMemPerNodeMib: number | undefined;
}

export interface RequestTexts {
  readonly name: string | undefined;
  readonly account: string | undefined;
  readonly defaultAccount: string | undefined;
  readonly userName: string | undefined;
  /** Resolved by the shim: `a,b`. */
  readonly partition: string | undefined;
  readonly features: string | undefined;
  readonly arrayInx: string | undefined;
  readonly tresPerJob: string | undefined;
  readonly tresPerNode: string | undefined;
  readonly tresPerSocket: string | undefined;
  readonly tresPerTask: string | undefined;
  readonly cpusPerTres: string | undefined;
  readonly memPerTres: string | undefined;
  readonly adminComment: string | undefined;
}

/** The job as slurmctld has it, before the update. */
export interface RequestJob {
  readonly jobId: number;
  /** Undefined: no array. */
  readonly arrayJobId: number | undefined;
  /** Undefined: the whole array, or no array. */
  readonly arrayTaskId: number | undefined;
  readonly account: string;
  readonly partition: string;
  readonly adminComment: string;
  readonly features: string | undefined;
  readonly tresPerNode: string | undefined;
  /** slurm.h JOB_PENDING 0, JOB_RUNNING 1, …, flags above 8 bits. */
  readonly jobState: number;
  readonly restarts: number;
  readonly submitS: number;
  readonly timeLimit: Minutes | undefined;
  readonly minNodes: number | undefined;
  readonly maxNodes: number | undefined;
  readonly minCpus: number | undefined;
}

interface RequestCommon extends RequestNumbers, RequestTexts {
  /** submit_uid or modify_uid. */
  readonly uid: number;
  readonly userId: number;
  readonly cluster: string | undefined;
  /** Undefined: no heterogeneous job. */
  readonly hetJobOffset: number | undefined;
  readonly parts: Readonly<Record<string, RequestPartition>>;
}

export interface SubmitRequest extends RequestCommon {
  readonly verb: 'submit';
}

export interface ModifyRequest extends RequestCommon {
  readonly verb: 'modify';
  readonly job: RequestJob;
}

export type JobRequest = SubmitRequest | ModifyRequest;

const NO_VAL = 4_294_967_294;
const INFINITE = 4_294_967_295;
const NO_VAL16 = 65_534;
const INFINITE16 = 65_535;
const LARGEST = 1e15;
const PARTS_MAX = 256;
/** The shim cuts strings there: what is cut cannot be priced. */
const CUT_BYTES = 1024;

type Fields = Readonly<Record<string, unknown>>;

/** One object of the request; what is wrong is collected, since core does not throw. */
interface Reading {
  readonly fields: Fields;
  readonly problems: string[];
}

function own({ fields }: Reading, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Any whole number; undefined when absent. */
function whole(reading: Reading, name: string): number | undefined {
  const value = own(reading, name);
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    reading.problems.push(name);
    return undefined;
  }
  return value;
}

/** 32 bits and wider: NO_VAL and INFINITE are "not given". */
function count(reading: Reading, name: string): number | undefined {
  return given(whole(reading, name));
}

function given(value: number | undefined): number | undefined {
  const isSentinel = value === NO_VAL || value === INFINITE || (value ?? 0) > LARGEST;
  return isSentinel ? undefined : value;
}

function count16(reading: Reading, name: string): number | undefined {
  const value = count(reading, name);
  return value === NO_VAL16 || value === INFINITE16 ? undefined : value;
}

/** Where 0 stands for "none". */
function positive(reading: Reading, name: string): number | undefined {
  const value = count(reading, name);
  return value === 0 ? undefined : value;
}

function minutes(reading: Reading, name: string): Minutes | undefined {
  const value = whole(reading, name);
  return value === INFINITE ? 'UNLIMITED' : given(value);
}

function text(reading: Reading, name: string): string | undefined {
  const value = own(reading, name);
  if (value === undefined || typeof value === 'string') {
    return value;
  }
  reading.problems.push(name);
  return undefined;
}

function needed(reading: Reading, name: string): number {
  const value = count(reading, name);
  if (value === undefined) {
    reading.problems.push(name);
  }
  return value ?? 0;
}

function below(reading: Reading, name: string): Reading {
  const value = own(reading, name);
  const { problems } = reading;
  if (value !== undefined && !isFields(value)) {
    problems.push(name);
  }
  return { fields: isFields(value) ? value : {}, problems };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numbersOf(read: Reading): RequestNumbers {
  return {
    timeLimit: minutes(read, 'time_limit'),
    minNodes: count(read, 'min_nodes'),
    maxNodes: count(read, 'max_nodes'),
    minCpus: count(read, 'min_cpus'),
    numTasks: count(read, 'num_tasks'),
    ntasksPerNode: count16(read, 'ntasks_per_node'),
    cpusPerTask: count16(read, 'cpus_per_task'),
    pnMinCpus: count16(read, 'pn_min_cpus'),
    minMemPerCpuMib: count(read, 'min_mem_per_cpu'),
    minMemPerNodeMib: count(read, 'min_mem_per_node'),
  };
}

function textsOf(read: Reading): RequestTexts {
  return {
    name: text(read, 'name'),
    account: text(read, 'account'),
    defaultAccount: text(read, 'default_account'),
    userName: text(read, 'user_name'),
    partition: text(read, 'partition'),
    features: text(read, 'features'),
    arrayInx: text(read, 'array_inx'),
    tresPerJob: text(read, 'tres_per_job'),
    tresPerNode: text(read, 'tres_per_node'),
    tresPerSocket: text(read, 'tres_per_socket'),
    tresPerTask: text(read, 'tres_per_task'),
    cpusPerTres: text(read, 'cpus_per_tres'),
    memPerTres: text(read, 'mem_per_tres'),
    adminComment: text(read, 'admin_comment'),
  };
}

function partitionOf(read: Reading): RequestPartition {
  return {
    maxTime: minutes(read, 'max_time'),
    defaultTime: minutes(read, 'default_time'),
    defMemPerCpuMib: positive(read, 'def_mem_per_cpu'), // 0: no default
    defMemPerNodeMib: positive(read, 'def_mem_per_node'),
  };
}

function partsOf(read: Reading): RequestCommon['parts'] {
  const names = Object.keys(read.fields).slice(0, PARTS_MAX);
  return Object.fromEntries(names.map((name) => [name, partitionOf(below(read, name))]));
}

function jobOf(read: Reading): RequestJob {
  const arrayJobId = positive(read, 'array_job_id'); // 0: no array
  return {
    jobId: needed(read, 'job_id'),
    arrayJobId,
    arrayTaskId: arrayJobId === undefined ? undefined : count(read, 'array_task_id'),
    account: text(read, 'account') ?? '',
    partition: text(read, 'partition') ?? '',
    adminComment: text(read, 'admin_comment') ?? '',
    features: text(read, 'features'),
    tresPerNode: text(read, 'tres_per_node'),
    jobState: count(read, 'job_state') ?? 0,
    restarts: count(read, 'restart_cnt') ?? 0,
    submitS: count(read, 'submit_time') ?? 0,
    timeLimit: minutes(read, 'time_limit'),
    minNodes: positive(read, 'min_nodes'),
    maxNodes: positive(read, 'max_nodes'),
    minCpus: positive(read, 'min_cpus'),
  };
}

function malformed(names: readonly string[]): Refused {
  return refused('VALIDATION_ERROR', `the request file cannot be read: ${names.join(', ')}`, {
    advice: 'install the job_submit.lua that asbb slurm conf --lua prints',
  });
}

/** VALIDATION_ERROR names the fields that are not as the protocol says. */
export function parseJobRequest(value: unknown): JobRequest | Refused {
  if (!isFields(value) || value['v'] !== 1) {
    return malformed(['v']);
  }
  const problems: string[] = [];
  const read: Reading = { fields: value, problems };
  const common: RequestCommon = {
    ...numbersOf(read),
    ...textsOf(read),
    uid: needed(read, 'uid'),
    userId: count(read, 'user_id') ?? 0,
    cluster: text(read, 'cluster'),
    hetJobOffset: count(read, 'het_job_offset'),
    parts: partsOf(below(read, 'parts')),
  };
  const verb = text(read, 'verb');
  const request = requestOf(verb, common, () => jobOf(below(read, 'job')));
  if (request === undefined) {
    problems.push('verb');
  }
  return request === undefined || problems.length > 0 ? malformed(problems) : request;
}

function requestOf(
  verb: string | undefined,
  common: RequestCommon,
  job: () => RequestJob,
): JobRequest | undefined {
  switch (verb) {
    case 'submit':
      return { ...common, verb };
    case 'modify':
      return { ...common, verb, job: job() };
    default:
      return undefined;
  }
}

/** Words that decide the price and may have been cut by the shim. */
const PRICED_TEXTS = [
  ['account', '--account'],
  ['partition', '--partition'],
  ['features', '--constraint'],
  ['arrayInx', '--array'],
  ['tresPerJob', '--gpus'],
  ['tresPerNode', '--gres'],
  ['tresPerSocket', '--gpus-per-socket'],
  ['tresPerTask', '--gpus-per-task'],
  ['cpusPerTres', '--cpus-per-gpu'],
  ['memPerTres', '--mem-per-gpu'],
] as const;

/** The sbatch option whose text is longer than the shim passes on; undefined: all are whole. */
export function cutText(request: RequestTexts): string | undefined {
  return PRICED_TEXTS.find(([name]) => (request[name]?.length ?? 0) >= CUT_BYTES)?.[1];
}
