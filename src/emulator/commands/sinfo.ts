import { compressNodelist, expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import { type Cluster, look } from '../cluster.ts';
import { unsupported } from '../complaint.ts';
import type { NodeConf, PartitionConf } from '../conf/node-lines.ts';
import { partitionState } from '../model/limits.ts';
import { baseState, type Node, sinfoState } from '../model/node.ts';
import { confOf, usageOf, type World } from '../model/world.ts';
import { byNodeName } from '../names.ts';
import { type Given, type Option, parseOptions } from '../options.ts';
import { shortDuration, showDate } from '../times.ts';
import { headingLine, type Letters, line, parseFormat } from './columns.ts';
import { isVisible } from './show-node.ts';

const OPTIONS: readonly Option[] = [
  { name: 'noheader', letter: 'h', takes: 'nothing' },
  { name: 'Node', letter: 'N', takes: 'nothing' },
  { name: 'long', letter: 'l', takes: 'nothing' },
  { name: 'format', letter: 'o', takes: 'value' },
  { name: 'nodes', letter: 'n', takes: 'value' },
  { name: 'partition', letter: 'p', takes: 'value' },
  { name: 'version', letter: 'V', takes: 'nothing' },
];

const DEFAULT_FORMAT = '%9P %.5a %.10l %.6D %.6t %N';
/** Behind the name of the node, whose column is as wide as the longest name and one more. */
const NODE_FORMAT = ' %.6D %.9P %.6t';
const NODE_LONG = ' %.6D %.9P %.11T %4c %.8z %.6m %.8d %.6w %.8f %20E';

/** A line: nodes of one partition in one state, or one node with -N. */
interface Group {
  readonly partition: PartitionConf;
  readonly nodes: readonly Node[];
  readonly world: World;
}

function confFirst({ nodes, world }: Group): NodeConf | undefined {
  const first = nodes[0];
  return first === undefined ? undefined : confOf(world, first);
}

const LETTERS: Letters<Group> = {
  D: { heading: 'NODES', text: ({ nodes }) => `${nodes.length}` },
  E: { heading: 'REASON', text: ({ nodes }) => nodes[0]?.reason?.text ?? 'none' },
  N: { heading: 'NODELIST', text: ({ nodes }) => compressNodelist(nodes.map(({ name }) => name)) },
  P: {
    heading: 'PARTITION',
    text: ({ partition }) => `${partition.name}${partition.isDefault ? '*' : ''}`,
  },
  T: { heading: 'STATE', text: (group) => stateOf(group, false) },
  a: { heading: 'AVAIL', text: ({ partition, world }) => availability(world, partition) },
  c: { heading: 'CPUS', text: (group) => `${confFirst(group)?.cpus ?? 0}` },
  d: { heading: 'TMP_DISK', text: (group) => `${confFirst(group)?.tmpDisk ?? 0}` },
  f: {
    heading: 'AVAIL_FEATURES',
    text: (group) => confFirst(group)?.features.join(',') || '(null)',
  },
  l: { heading: 'TIMELIMIT', text: ({ partition }) => timeLimit(partition) },
  m: { heading: 'MEMORY', text: (group) => `${confFirst(group)?.realMemory ?? 0}` },
  t: { heading: 'STATE', text: (group) => stateOf(group, true) },
  w: { heading: 'WEIGHT', text: (group) => `${confFirst(group)?.weight ?? 0}` },
  z: { heading: 'S:C:T', text: shape },
};

export function sinfo(cluster: Cluster, args: readonly string[]): string {
  const given = parseOptions('sinfo', args, OPTIONS);
  const { options, words } = given;
  if (options.has('version')) {
    return 'slurm-emulator 22.05.8\n';
  }
  if (words.length > 0 || (options.has('long') && !options.has('Node'))) {
    throw unsupported(`sinfo ${args.join(' ')}`);
  }
  const isByNode = options.has('Node');
  const behindName = options.has('long') ? NODE_LONG : NODE_FORMAT;
  return look(cluster, (world, nowUs) => {
    const groups = isByNode ? byNode(world, given) : byState(world, given);
    const format = isByNode ? `%${nameWidth(groups)}N${behindName}` : DEFAULT_FORMAT;
    const fields = parseFormat('sinfo', options.get('format') ?? format, LETTERS);
    const lines = groups.map((group) => line(fields, group));
    const heading = options.has('noheader') ? [] : [headingLine(fields)];
    const date = options.has('long') ? [showDate(nowUs)] : [];
    return [...date, ...heading, ...lines, ''].join('\n');
  });
}

function nameWidth(groups: readonly Group[]): number {
  return groups.reduce((most, { nodes }) => Math.max(most, (nodes[0]?.name.length ?? 0) + 1), 9);
}

function seen(world: World, { options }: Given, partition: PartitionConf): readonly Node[] {
  const asked = options.get('nodes');
  const names = asked === undefined ? undefined : expandNodelist(asked);
  if (isNodelistError(names)) {
    throw unsupported(`sinfo -n ${asked}`);
  }
  return partition.nodes
    .filter((name) => names === undefined || names.includes(name))
    .flatMap((name) => world.nodes.get(name) ?? [])
    .filter((node) => isVisible(node, world));
}

function partitions(world: World, { options }: Given): readonly PartitionConf[] {
  const wanted = options.get('partition')?.split(',');
  return [...world.conf.partitions.values()].filter(
    ({ name }) => wanted === undefined || wanted.includes(name),
  );
}

function byNode(world: World, given: Given): readonly Group[] {
  return partitions(world, given)
    .flatMap((partition) =>
      seen(world, given, partition).map((node) => ({ partition, nodes: [node], world })),
    )
    .toSorted((a, b) => byNodeName(a.nodes[0]?.name ?? '', b.nodes[0]?.name ?? ''));
}

const STATE_ORDER = ['down', 'mix', 'alloc', 'idle'];

function byState(world: World, given: Given): readonly Group[] {
  return partitions(world, given).flatMap((partition) => {
    const groups = new Map<string, Node[]>();
    for (const node of seen(world, given, partition)) {
      const state = stateOf({ partition, nodes: [node], world }, true);
      groups.set(state, [...(groups.get(state) ?? []), node]);
    }
    return [...groups]
      .toSorted(([a], [b]) => order(a) - order(b) || (a < b ? 1 : -1))
      .map(([, nodes]) => ({ partition, nodes, world }));
  });
}

function order(state: string): number {
  const at = STATE_ORDER.findIndex((word) => state.startsWith(word));
  return at < 0 ? STATE_ORDER.length : at;
}

function stateOf({ nodes, world }: Group, isShort: boolean): string {
  const node = nodes[0];
  if (node === undefined) {
    return 'n/a';
  }
  const { cpus } = confOf(world, node);
  return sinfoState(node, baseState(node, usageOf(world, node.name).cpuIds.length, cpus), isShort);
}

function availability(world: World, partition: PartitionConf): string {
  const words: Readonly<Record<string, string>> = {
    INACTIVE: 'inact',
    DOWN: 'down',
    DRAIN: 'drain',
  };
  return words[partitionState(world, partition.name)] ?? 'up';
}

function timeLimit({ maxTime }: PartitionConf): string {
  return maxTime === 'UNLIMITED' ? 'infinite' : shortDuration(maxTime * 60);
}

function shape(group: Group): string {
  const conf = confFirst(group);
  return `${conf?.sockets ?? 0}:${conf?.coresPerSocket ?? 0}:${conf?.threadsPerCore ?? 0}`;
}
