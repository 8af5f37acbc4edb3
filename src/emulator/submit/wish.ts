import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import { Complaint, unsupported } from '../complaint.ts';
import type { Limit } from '../conf/node-lines.ts';
import type { Option } from '../options.ts';
import { parseLimit, parseTime } from '../times.ts';
import { type Gpus, parseGpus, parseMebibytes } from '../units.ts';

export const SBATCH_OPTIONS: readonly Option[] = [
  { name: 'partition', letter: 'p', takes: 'value' },
  { name: 'nodes', letter: 'N', takes: 'value' },
  { name: 'ntasks', letter: 'n', takes: 'value' },
  { name: 'cpus-per-task', letter: 'c', takes: 'value' },
  { name: 'time', letter: 't', takes: 'value' },
  { name: 'account', letter: 'A', takes: 'value' },
  { name: 'job-name', letter: 'J', takes: 'value' },
  { name: 'constraint', letter: 'C', takes: 'value' },
  { name: 'nodelist', letter: 'w', takes: 'value' },
  { name: 'array', letter: 'a', takes: 'value' },
  { name: 'mem', takes: 'value' },
  { name: 'mem-per-cpu', takes: 'value' },
  { name: 'gres', takes: 'value' },
  { name: 'gpus', letter: 'G', takes: 'value' },
  { name: 'ntasks-per-node', takes: 'value' },
  { name: 'exclusive', takes: 'maybe' },
  { name: 'comment', takes: 'value' },
  { name: 'hold', letter: 'H', takes: 'nothing' },
  { name: 'begin', letter: 'b', takes: 'value' },
  { name: 'requeue', takes: 'nothing' },
  { name: 'no-requeue', takes: 'nothing' },
  { name: 'test-only', takes: 'nothing' },
  { name: 'qos', letter: 'q', takes: 'value' },
  { name: 'wrap', takes: 'value' },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'error', letter: 'e', takes: 'value' },
  { name: 'chdir', letter: 'D', takes: 'value' },
  { name: 'parsable', takes: 'nothing' },
  { name: 'uid', takes: 'value' },
];

/** Options that a het component takes over from the first (sbatch(1)). */
const INHERITED = new Set([
  ...['account', 'time', 'job-name', 'comment', 'hold', 'begin', 'qos', 'requeue', 'no-requeue'],
  ...['output', 'error', 'chdir', 'test-only', 'parsable', 'uid', 'wrap'],
]);

/** One component's request, as sbatch reads it. Undefined: not given. */
export interface Wish {
  readonly partitions: readonly string[] | undefined;
  readonly minNodes: number | undefined;
  readonly maxNodes: number | undefined;
  readonly numTasks: number | undefined;
  readonly cpusPerTask: number | undefined;
  readonly tasksPerNode: number | undefined;
  /** Minutes. */
  readonly timeLimit: Limit | undefined;
  readonly account: string | undefined;
  readonly name: string | undefined;
  readonly features: readonly string[];
  readonly reqNodes: readonly string[];
  readonly array: string | undefined;
  readonly memPerNode: number | undefined;
  readonly memPerCpu: number | undefined;
  readonly gpusPerNode: Gpus | undefined;
  readonly gpusPerJob: Gpus | undefined;
  readonly isExclusive: boolean;
  readonly comment: string;
  readonly isHeld: boolean;
  /** 0: at once. */
  readonly beginUs: number;
  readonly isRequeueable: boolean | undefined;
  readonly qos: string | undefined;
  readonly stdOut: string | undefined;
  readonly stdErr: string | undefined;
  readonly workDir: string | undefined;
}

export function inherit(
  first: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...[...first].filter(([name]) => INHERITED.has(name)), ...own]);
}

const NODES = /^([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?$/;
const COUNT = /^[1-9][0-9]{0,6}$/;
const FEATURES = /^[A-Za-z0-9_.=-]+(?:&[A-Za-z0-9_.=-]+)*$/;
const USAGE = 255;

export function wishOf(options: ReadonlyMap<string, string>, nowUs: number): Wish {
  const [minNodes, maxNodes] = nodesOf(options.get('nodes'));
  const begin = options.get('begin');
  const exclusive = options.get('exclusive');
  if (exclusive !== undefined && exclusive !== '') {
    throw unsupported(`sbatch --exclusive=${exclusive}`);
  }
  return {
    partitions: options.get('partition')?.split(','),
    minNodes,
    maxNodes,
    numTasks: countOf(options, 'ntasks'),
    cpusPerTask: countOf(options, 'cpus-per-task'),
    tasksPerNode: countOf(options, 'ntasks-per-node'),
    timeLimit: timeOf(options.get('time')),
    account: options.get('account'),
    name: options.get('job-name'),
    features: featuresOf(options.get('constraint')),
    reqNodes: nodelistOf(options.get('nodelist')),
    array: options.get('array'),
    memPerNode: memoryOf(options, 'mem'),
    memPerCpu: memoryOf(options, 'mem-per-cpu'),
    gpusPerNode: gpusOf(options, 'gres'),
    gpusPerJob: gpusOf(options, 'gpus'),
    isExclusive: exclusive !== undefined,
    comment: options.get('comment') ?? '',
    isHeld: options.has('hold'),
    beginUs: begin === undefined ? 0 : parseTime(begin, nowUs),
    isRequeueable: requeueOf(options),
    qos: options.get('qos'),
    stdOut: options.get('output'),
    stdErr: options.get('error'),
    workDir: options.get('chdir'),
  };
}

function requeueOf(options: ReadonlyMap<string, string>): boolean | undefined {
  if (options.has('no-requeue')) {
    return false;
  }
  return options.has('requeue') ? true : undefined;
}

function nodesOf(text: string | undefined): readonly [number | undefined, number | undefined] {
  if (text === undefined) {
    return [undefined, undefined];
  }
  const [, least, most] = NODES.exec(text) ?? [];
  if (least === undefined || Number(most ?? least) < Number(least)) {
    throw new Complaint(`sbatch: error: "${text}" is not a valid node count`, USAGE);
  }
  return [Number(least), Number(most ?? least)];
}

function countOf(options: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = options.get(name);
  if (text !== undefined && !COUNT.test(text)) {
    throw new Complaint(`sbatch: error: Invalid numeric value "${text}" for --${name}.`);
  }
  return text === undefined ? undefined : Number(text);
}

function timeOf(text: string | undefined): Limit | undefined {
  const limit = text === undefined ? undefined : parseLimit(text);
  if (text !== undefined && limit === undefined) {
    throw new Complaint('sbatch: error: Invalid --time specification', USAGE);
  }
  return limit;
}

function memoryOf(options: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = options.get(name);
  const size = text === undefined ? undefined : parseMebibytes(text);
  if (text !== undefined && size === undefined) {
    throw new Complaint(`sbatch: error: Invalid --${name} specification`, USAGE);
  }
  return size;
}

function gpusOf(options: ReadonlyMap<string, string>, name: string): Gpus | undefined {
  const text = options.get(name);
  const gpus = text === undefined ? undefined : parseGpus(name === 'gpus' ? `gpu:${text}` : text);
  if (text !== undefined && gpus === undefined) {
    throw unsupported(`sbatch --${name}=${text}`);
  }
  return gpus;
}

function featuresOf(text: string | undefined): readonly string[] {
  if (text === undefined) {
    return [];
  }
  if (!FEATURES.test(text)) {
    throw unsupported(`sbatch --constraint=${text}`);
  }
  return text.split('&');
}

function nodelistOf(text: string | undefined): readonly string[] {
  const names = expandNodelist(text ?? '', { unique: true });
  if (isNodelistError(names)) {
    throw new Complaint('sbatch: error: Batch job submission failed: Invalid node name specified');
  }
  return names;
}
