import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import { Complaint } from '../complaint.ts';
import { parseLimit } from '../times.ts';
import { parseGpus } from '../units.ts';
import type { ConfLine } from './conf-lines.ts';

export interface NodeConf {
  readonly name: string;
  readonly cpus: number;
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
  readonly boards: number;
  readonly realMemory: number;
  readonly tmpDisk: number;
  readonly features: readonly string[];
  /** As written, for `Gres=`; empty: none. */
  readonly gres: string;
  readonly gpus: number;
  readonly weight: number;
  readonly isCloud: boolean;
  readonly address: string;
  readonly hostname: string;
  readonly port: number;
}

export type Limit = number | 'UNLIMITED';

export interface PartitionConf {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly isDefault: boolean;
  /** Minutes. */
  readonly maxTime: Limit;
  readonly defaultTime: Limit | undefined;
  readonly minNodes: number;
  readonly maxNodes: Limit;
  /** Whole nodes only: OverSubscribe=EXCLUSIVE. */
  readonly isExclusive: boolean;
  readonly overSubscribe: string;
  readonly state: string;
  readonly allowAccounts: readonly string[] | undefined;
  /** MiB; undefined: not set. */
  readonly defMemPerCpu: number | undefined;
  readonly defMemPerNode: number | undefined;
  readonly maxMemPerNode: number | undefined;
}

export function nodesOfLine(line: ConfLine): readonly NodeConf[] {
  const names = expandConf(line.get('nodename') ?? '');
  const addresses = spread(line.get('nodeaddr'), names);
  const hostnames = spread(line.get('nodehostname'), names);
  const ports = spread(line.get('port'), names);
  const shape = shapeOf(line);
  const gres = line.get('gres') ?? '';
  return names.map((name, index) => ({
    ...shape,
    name,
    realMemory: numberOf(line, 'realmemory', 1),
    tmpDisk: numberOf(line, 'tmpdisk', 0),
    features: (line.get('feature') ?? line.get('features') ?? '').split(',').filter(Boolean),
    gres,
    gpus: gres.split(',').reduce((sum, part) => sum + (parseGpus(part)?.count ?? 0), 0),
    weight: numberOf(line, 'weight', 1),
    isCloud: (line.get('state') ?? '').toUpperCase() === 'CLOUD',
    address: addresses[index] ?? name,
    hostname: hostnames[index] ?? name,
    port: Number(ports[index] ?? 6818),
  }));
}

function shapeOf(
  line: ConfLine,
): Pick<NodeConf, 'cpus' | 'sockets' | 'coresPerSocket' | 'threadsPerCore' | 'boards'> {
  const boards = numberOf(line, 'boards', 1);
  const coresPerSocket = numberOf(line, 'corespersocket', 1);
  const threadsPerCore = numberOf(line, 'threadspercore', 1);
  const given = numberOf(line, 'sockets', numberOf(line, 'socketsperboard', 0) * boards);
  const asked = numberOf(line, 'cpus', numberOf(line, 'procs', 0));
  const perSocket = coresPerSocket * threadsPerCore;
  const sockets = given || Math.max(1, Math.floor(asked / perSocket));
  return { cpus: asked || sockets * perSocket, sockets, coresPerSocket, threadsPerCore, boards };
}

export function partitionOfLine(line: ConfLine, allNodes: readonly string[]): PartitionConf {
  const nodes = line.get('nodes') ?? '';
  const overSubscribe = (line.get('oversubscribe') ?? line.get('shared') ?? 'NO').toUpperCase();
  const accounts = line.get('allowaccounts') ?? 'ALL';
  const defaultTime = line.get('defaulttime');
  return {
    name: line.get('partitionname') ?? '',
    nodes: nodes === 'ALL' ? allNodes : expandConf(nodes),
    isDefault: isYes(line.get('default')),
    maxTime: limitOf(line.get('maxtime')),
    defaultTime:
      defaultTime === undefined || defaultTime === 'NONE' ? undefined : limitOf(defaultTime),
    minNodes: numberOf(line, 'minnodes', 0),
    maxNodes: countOf(line.get('maxnodes')),
    isExclusive: overSubscribe === 'EXCLUSIVE',
    overSubscribe,
    state: (line.get('state') ?? 'UP').toUpperCase(),
    allowAccounts: accounts.toUpperCase() === 'ALL' ? undefined : accounts.split(','),
    defMemPerCpu: sizeOf(line, 'defmempercpu'),
    defMemPerNode: sizeOf(line, 'defmempernode'),
    maxMemPerNode: sizeOf(line, 'maxmempernode'),
  };
}

export function expandConf(list: string): readonly string[] {
  const names = expandNodelist(list, { unique: true });
  if (isNodelistError(names)) {
    throw new Complaint(`slurm.conf: ${list}: ${names.text}`);
  }
  return names;
}

/** One value for each name: as many as names, or one for all. */
function spread(value: string | undefined, names: readonly string[]): readonly string[] {
  if (value === undefined) {
    return [];
  }
  const values = expandNodelist(value);
  if (isNodelistError(values)) {
    throw new Complaint(`slurm.conf: ${value}: ${values.text}`);
  }
  return values.length === names.length ? values : names.map(() => values[0] ?? '');
}

function isYes(text: string | undefined): boolean {
  return ['YES', '1', 'TRUE', 'UP'].includes((text ?? 'NO').toUpperCase());
}

function limitOf(text: string | undefined): Limit {
  const limit = parseLimit(text ?? 'UNLIMITED');
  if (limit === undefined) {
    throw new Complaint(`slurm.conf: not a time: ${text}`);
  }
  return limit;
}

function countOf(text: string | undefined): Limit {
  return text === undefined || ['UNLIMITED', 'INFINITE'].includes(text.toUpperCase())
    ? 'UNLIMITED'
    : Number(text);
}

/** 0 and UNLIMITED mean not set. */
function sizeOf(line: ConfLine, key: string): number | undefined {
  const text = line.get(key);
  return text === undefined || text === '0' || text.toUpperCase() === 'UNLIMITED'
    ? undefined
    : numberOf(line, key, 0);
}

function numberOf(line: ConfLine, key: string, otherwise: number): number {
  const text = line.get(key);
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isFinite(value)) {
    throw new Complaint(`slurm.conf: ${key} is no number: ${text}`);
  }
  return value;
}
