import { AUTO, autoTypes } from '../../burst/candidates.ts';
import { capabilityOf } from '../../burst/capability.ts';
import { SHIPPED_CATALOG } from '../../burst/catalog.ts';
import { misfitOf } from '../../burst/fit.ts';
import type { NodeGroupSettings, PartitionSettings } from '../../config/settings.ts';
import { expandNodelist, isNodelistError } from '../nodelist.ts';
import { parseTimeLimit } from '../time-limit.ts';
import { type ConfLine, wordsOf } from './file.ts';
import { type Checked, type Finding, finding } from './finding.ts';
import { featuresOf, nodeRange } from './lines.ts';

interface Group {
  readonly group: NodeGroupSettings;
  readonly range: string;
  readonly nodes: readonly string[];
}

const SIZES = ['CPUs', 'RealMemory', 'Gres'];
/** slurmctld lets a CLOUD node register with 90 % of RealMemory (node_reg_mem_percent). */
const MEMORY_SHARE = 0.9;
const NODE_COUNTS = /:[0-9]+/gu;

function nodesNamed(list: string | undefined): readonly string[] {
  const names = list === undefined ? [] : expandNodelist(list);
  return isNodelistError(names) ? [] : names;
}

function groupsOf(partition: PartitionSettings): readonly Group[] {
  return partition.node_groups.map((group) => {
    const range = nodeRange(partition, group);
    return { group, range, nodes: nodesNamed(range) };
  });
}

function sizeOf({ slurm_specifications }: NodeGroupSettings, name: string): string | undefined {
  const key = Object.keys(slurm_specifications).find(
    (own) => own.toLowerCase() === name.toLowerCase(),
  );
  return key === undefined ? undefined : slurm_specifications[key];
}

function wrongSizes(line: ConfLine, { group, range }: Group): readonly Finding[] {
  return SIZES.flatMap((name) => {
    const [wanted, found] = [sizeOf(group, name), line.get(name.toLowerCase())];
    const message = `${name} is ${found ?? 'not set'}, the configuration says ${wanted ?? 'nothing'}: jobs are priced by the one and placed by the other`;
    return wanted === found
      ? []
      : [finding('error', `NodeName ${range} ${name}`, message, `${name}=${wanted ?? ''}`)];
  });
}

function missingFeatures(line: ConfLine, { group, range }: Group): readonly Finding[] {
  const found = [...wordsOf(line.get('feature')), ...wordsOf(line.get('features'))];
  const wanted = featuresOf(group);
  const missing = wanted.filter((feature) => !found.includes(feature.toLowerCase()));
  const message = `--constraint cannot name ${missing.join(', ')}`;
  return missing.length === 0
    ? []
    : [finding('warning', `NodeName ${range} Feature`, message, `Feature=${wanted.join(',')}`)];
}

function tooLarge({ group, range }: Group): readonly Finding[] {
  const cpus = Number(sizeOf(group, 'CPUs') ?? 1);
  const memory = Number(sizeOf(group, 'RealMemory') ?? 1);
  return group.launch_template_overrides.flatMap(({ instance_type }) => {
    const { vcpus = cpus, mib = Number.POSITIVE_INFINITY } = capabilityOf(instance_type);
    const message = `${instance_type} (${vcpus} CPUs, ${mib} MiB) is smaller than CPUs=${cpus} RealMemory=${memory}: it would register as invalid`;
    const fix = 'declare at most its CPUs and 90 % of its memory';
    return vcpus < cpus || mib * MEMORY_SHARE < memory
      ? [finding('error', `NodeName ${range} ${instance_type}`, message, fix)]
      : otherMisfit(group, range, instance_type);
  });
}

/** Cores, GPUs; and `auto` where no type at all would do. */
function otherMisfit(group: NodeGroupSettings, range: string, type: string): readonly Finding[] {
  const isAuto = type === AUTO;
  const misfit = isAuto ? undefined : misfitOf(group, capabilityOf(type));
  const why =
    isAuto && autoTypes(group, SHIPPED_CATALOG).length === 0
      ? 'no type of the families that it chooses from has what the nodes declare'
      : misfit;
  const fix = 'declare what the instance types have';
  return why === undefined ? [] : [finding('error', `NodeName ${range} ${type}`, why, fix)];
}

function undeclared({ range, nodes }: Group, declared: ReadonlySet<string>): readonly Finding[] {
  const missing = nodes.filter((node) => !declared.has(node));
  const message = `${missing.length} of its ${nodes.length} nodes are not declared, ${missing[0]} first`;
  const fix = 'add the NodeName line that asbb slurm conf prints';
  return missing.length === 0 ? [] : [finding('error', `NodeName ${range}`, message, fix)];
}

function checkGroup({ conf }: Checked, each: Group): readonly Finding[] {
  const wanted = new Set(each.nodes);
  const lines = conf.nodes
    .map((line) => ({ line, names: nodesNamed(line.get('nodename')) }))
    .filter(({ names }) => names.some((node) => wanted.has(node)));
  const state = `NodeName ${each.range} State`;
  const isCloud = lines.every(({ line }) => line.get('state')?.toUpperCase().startsWith('CLOUD'));
  return [
    ...undeclared(each, new Set(lines.flatMap(({ names }) => names))),
    ...(isCloud
      ? []
      : [
          finding(
            'error',
            state,
            'is not CLOUD: SLURM expects the nodes to be there',
            'State=CLOUD',
          ),
        ]),
    ...lines
      .slice(0, 1)
      .flatMap(({ line }) => [...wrongSizes(line, each), ...missingFeatures(line, each)]),
    ...tooLarge(each),
  ];
}

function hasLimit(line: ConfLine, name: string): boolean {
  const limit = parseTimeLimit(line.get(name) ?? '');
  return typeof limit === 'number' && limit > 0;
}

/** Jobs without --time are priced by the one, else by the other, else refused (burst.md 8.0). */
function missingTime(line: ConfLine, where: string): readonly Finding[] {
  const [path, fix] = [`${where} DefaultTime`, 'DefaultTime=01:00:00'];
  if (hasLimit(line, 'defaulttime')) {
    return [];
  }
  return hasLimit(line, 'maxtime')
    ? [finding('note', path, 'jobs without --time are priced for MaxTime', fix)]
    : [finding('warning', path, 'jobs without --time are refused', fix)];
}

function partitionLine(line: ConfLine, name: string, groups: readonly Group[]): readonly Finding[] {
  const listed = new Set(nodesNamed(line.get('nodes')));
  const isAll = line.get('nodes')?.toUpperCase() === 'ALL';
  const outside = isAll
    ? []
    : groups.filter(({ nodes }) => nodes.some((node) => !listed.has(node)));
  const isExclusive = line.get('oversubscribe')?.toUpperCase().startsWith('EXCLUSIVE') === true;
  const where = `PartitionName ${name}`;
  return [
    ...outside.map(({ range }) =>
      finding('error', `${where} Nodes`, `does not have all of ${range}`, `Nodes=…,${range}`),
    ),
    ...(isExclusive
      ? []
      : [
          finding(
            'warning',
            `${where} OverSubscribe`,
            'jobs may share nodes: an abort of one ends the others',
            'OverSubscribe=EXCLUSIVE',
          ),
        ]),
    ...missingTime(line, where),
  ];
}

function checkPartition(checked: Checked, partition: PartitionSettings): readonly Finding[] {
  const name = partition.partition_name;
  const groups = groupsOf(partition);
  const line = checked.conf.partitions.find((each) => each.get('partitionname') === name);
  const fix = 'add the PartitionName line that asbb slurm conf prints';
  return [
    ...(line === undefined
      ? [finding('error', `PartitionName ${name}`, 'is not declared', fix)]
      : partitionLine(line, name, groups)),
    ...groups.flatMap((each) => checkGroup(checked, each)),
  ];
}

function spared({ conf }: Checked, partition: PartitionSettings): readonly Finding[] {
  const name = partition.partition_name;
  const excluded = new Set(
    nodesNamed(conf.settings.get('suspendexcnodes')?.replaceAll(NODE_COUNTS, '')),
  );
  const node = groupsOf(partition)
    .flatMap(({ nodes }) => nodes)
    .find((each) => excluded.has(each));
  const isExcluded = wordsOf(conf.settings.get('suspendexcparts')).includes(name.toLowerCase());
  return [
    ...(node === undefined
      ? []
      : [
          finding(
            'error',
            'SuspendExcNodes',
            `${node} is never given back`,
            'take the burst nodes out of it',
          ),
        ]),
    ...(isExcluded
      ? [
          finding(
            'error',
            'SuspendExcParts',
            `nodes of ${name} are never given back`,
            'take it out',
          ),
        ]
      : []),
  ];
}

/** NodeName and PartitionName lines of every burst partition, and who is spared from SuspendProgram. */
export function checkNodes(checked: Checked): readonly Finding[] {
  return checked.settings.slurm.partitions.flatMap((partition) => [
    ...checkPartition(checked, partition),
    ...spared(checked, partition),
  ]);
}
