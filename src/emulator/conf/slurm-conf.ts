import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Complaint, unsupported } from '../complaint.ts';
import { type ConfLine, confLines } from './conf-lines.ts';
import {
  expandConf,
  type NodeConf,
  nodesOfLine,
  type PartitionConf,
  partitionOfLine,
} from './node-lines.ts';

/** First line of a slurm.conf that is ours. */
export const MARKER = '# asbb-emulator 1';

export interface Association {
  readonly account: string;
  readonly parent: string;
  readonly users: readonly string[];
}

export interface ProgramPaths {
  readonly resume: string;
  readonly suspend: string;
  readonly resumeFail: string;
  readonly epilog: string;
  readonly prolog: string;
}

export interface SlurmConf {
  readonly path: string;
  readonly clusterName: string;
  readonly slurmUser: string;
  readonly programs: ProgramPaths;
  /** Seconds; suspendTime undefined: never. */
  readonly resumeTimeout: number;
  readonly suspendTime: number | undefined;
  readonly suspendTimeout: number;
  /** Nodes a minute that are handed to ResumeProgram and SuspendProgram; 0: all at once. */
  readonly resumeRate: number;
  readonly suspendRate: number;
  readonly slurmdTimeout: number;
  readonly minJobAge: number;
  readonly suspendExcNodes: ReadonlySet<string>;
  readonly showsCloud: boolean;
  readonly jobRequeue: boolean;
  readonly enforcesAssociations: boolean;
  readonly enforcesQos: boolean;
  readonly hasLua: boolean;
  /** SlurmctldParameters=cloud_reg_addrs */
  readonly takesAddresses: boolean;
  readonly tracksMemory: boolean;
  readonly tracksGpus: boolean;
  readonly defMemPerCpu: number | undefined;
  readonly defMemPerNode: number | undefined;
  readonly maxArraySize: number;
  readonly firstJobId: number;
  readonly clockFile: string | undefined;
  readonly associations: readonly Association[];
  readonly nodes: ReadonlyMap<string, NodeConf>;
  readonly partitions: ReadonlyMap<string, PartitionConf>;
  /** Keys in lower case, for `show config`. */
  readonly keys: ReadonlyMap<string, string>;
}

const UID = /\(.*/;
const MEMORY = /memory/i;
const GPU = /gres\/gpu/;
const CLOCK = /^#\s*asbb-clock\s+(\S+)\s*$/m;
const ASSOCIATION = /^#[ \t]*asbb-assoc[ \t]+(\S+)[ \t]+(\S+)(?:[ \t]+(\S+))?[ \t]*$/gm;

/** Undefined when the file is none of ours, or there is none. */
export function readSlurmConf(path: string): SlurmConf | undefined {
  const text = readIfThere(path);
  return text?.startsWith(`${MARKER}\n`) === true ? parseSlurmConf(text, path) : undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no such file: SLURM_CONF names no emulated cluster
  }
}

export function parseSlurmConf(text: string, path: string): SlurmConf {
  const lines = confLines(text);
  const keys = new Map(
    lines
      .filter((line) => !line.has('nodename') && !line.has('partitionname'))
      .flatMap((l) => [...l]),
  );
  const nodes = nodesOf(lines);
  function get(key: string, otherwise = ''): string {
    return keys.get(key.toLowerCase()) ?? otherwise;
  }
  const enforce = new Set(get('AccountingStorageEnforce').toLowerCase().split(','));
  refuseUnknown(keys);
  return {
    path,
    clusterName: get('ClusterName', 'cluster'),
    slurmUser: get('SlurmUser', 'root').replace(UID, ''),
    programs: {
      resume: get('ResumeProgram'),
      suspend: get('SuspendProgram'),
      resumeFail: get('ResumeFailProgram'),
      epilog: get('EpilogSlurmctld'),
      prolog: get('PrologSlurmctld'),
    },
    resumeTimeout: wholeNumber(get('ResumeTimeout', '60')),
    suspendTime: suspendTimeOf(get('SuspendTime', '-1')),
    suspendTimeout: wholeNumber(get('SuspendTimeout', '30')),
    resumeRate: wholeNumber(get('ResumeRate', '300')),
    suspendRate: wholeNumber(get('SuspendRate', '60')),
    slurmdTimeout: wholeNumber(get('SlurmdTimeout', '300')),
    minJobAge: wholeNumber(get('MinJobAge', '300')),
    suspendExcNodes: new Set(expandConf(get('SuspendExcNodes'))),
    showsCloud: get('PrivateData').toLowerCase().split(',').includes('cloud'),
    jobRequeue: get('JobRequeue', '1') !== '0',
    enforcesAssociations: ['associations', 'limits', 'qos', 'safe', 'wckeys', 'all', '1', '2'].some(
      (word) => enforce.has(word),
    ),
    enforcesQos: enforce.has('qos') || enforce.has('all'),
    hasLua: get('JobSubmitPlugins').split(',').includes('lua'),
    takesAddresses: get('SlurmctldParameters').split(',').includes('cloud_reg_addrs'),
    tracksMemory: MEMORY.test(get('SelectTypeParameters', 'CR_Core_Memory')),
    tracksGpus: GPU.test(get('AccountingStorageTRES')),
    defMemPerCpu: sizeOf(get('DefMemPerCPU')),
    defMemPerNode: sizeOf(get('DefMemPerNode')),
    firstJobId: wholeNumber(get('FirstJobId', '1')),
    maxArraySize: wholeNumber(get('MaxArraySize', '1001')),
    clockFile: clockOf(text, path),
    associations: [...text.matchAll(ASSOCIATION)].map(
      ([, account = '', parent = '', users = '']) => ({
        account,
        parent,
        users: users.split(',').filter(Boolean),
      }),
    ),
    nodes,
    partitions: partitionsOf(lines, [...nodes.keys()]),
    keys,
  };
}

/** Keys that would change what we imitate; all others only show up in `show config`. */
function refuseUnknown(keys: ReadonlyMap<string, string>): void {
  const enforce = keys.get('enforcepartlimits')?.toUpperCase() ?? 'NO';
  if (enforce !== 'NO') {
    throw unsupported(`EnforcePartLimits=${enforce} in slurm.conf`);
  }
  if (keys.has('suspendexcparts')) {
    throw unsupported('SuspendExcParts in slurm.conf');
  }
}

function clockOf(text: string, path: string): string | undefined {
  const file = CLOCK.exec(text)?.[1];
  return file === undefined || file.startsWith('/') ? file : join(dirname(path), file);
}

function nodesOf(lines: readonly ConfLine[]): ReadonlyMap<string, NodeConf> {
  const nodes = withDefaults(lines, 'nodename').flatMap((line) => [...nodesOfLine(line)]);
  return new Map(nodes.map((node) => [node.name, node]));
}

function partitionsOf(
  lines: readonly ConfLine[],
  allNodes: readonly string[],
): ReadonlyMap<string, PartitionConf> {
  const partitions = withDefaults(lines, 'partitionname').map((line) =>
    partitionOfLine(line, allNodes),
  );
  return new Map(partitions.map((partition) => [partition.name, partition]));
}

/** A line named DEFAULT gives values to the lines of its kind below it. */
function withDefaults(lines: readonly ConfLine[], key: string): readonly ConfLine[] {
  const whole: ConfLine[] = [];
  let defaults: ConfLine = new Map();
  for (const line of lines.filter((each) => each.has(key))) {
    const merged = new Map([...defaults, ...line]);
    if (line.get(key) === 'DEFAULT') {
      defaults = merged;
    } else {
      whole.push(merged);
    }
  }
  return whole;
}

function suspendTimeOf(text: string): number | undefined {
  return text === '-1' || ['INFINITE', 'NONE'].includes(text.toUpperCase())
    ? undefined
    : wholeNumber(text);
}

function sizeOf(text: string): number | undefined {
  return ['', '0', 'UNLIMITED'].includes(text) ? undefined : wholeNumber(text);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) {
    throw new Complaint(`slurm.conf: not a whole number: ${text}`);
  }
  return value;
}
