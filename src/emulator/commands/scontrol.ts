import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import { type Cluster, change, look } from '../cluster.ts';
import { Complaint, unsupported } from '../complaint.ts';
import type { Job } from '../model/job.ts';
import { jobsOfId, type World } from '../model/world.ts';
import { byNodeName } from '../names.ts';
import { type Option, parseOptions } from '../options.ts';
import { isForgotten } from '../store/world-store.ts';
import { hold, release, requeueJobs } from './hold.ts';
import { pickJobs, taskOfId, WRONG_ID } from './pick-jobs.ts';
import { configText } from './show-config.ts';
import { jobLines } from './show-job.ts';
import { isVisible, nodeLines } from './show-node.ts';
import { partitionLines } from './show-partition.ts';
import { update } from './update.ts';

const OPTIONS: readonly Option[] = [
  { name: 'oneliner', letter: 'o', takes: 'nothing' },
  { name: 'details', letter: 'd', takes: 'nothing' },
  { name: 'version', letter: 'V', takes: 'nothing' },
];

interface Look {
  readonly isOneLine: boolean;
  readonly isDetailed: boolean;
}

export function scontrol(cluster: Cluster, args: readonly string[]): string {
  const verb = args[0]?.toLowerCase();
  if (verb === 'update') {
    return update(cluster, args.slice(1));
  }
  const { options, words } = parseOptions('scontrol', args, OPTIONS);
  if (options.has('version')) {
    return 'slurm-emulator 22.05.8\n';
  }
  const shape = { isOneLine: options.has('oneliner'), isDetailed: options.has('details') };
  const [what = '', ...rest] = words;
  switch (what.toLowerCase()) {
    case 'show':
      return show(cluster, rest, shape);
    case 'ping':
      return 'Slurmctld(primary) at localhost is UP\n';
    case 'hold':
      return change(cluster, (world) => hold(cluster, world, rest));
    case 'release':
      return change(cluster, (world) => release(cluster, world, rest));
    case 'requeue':
      return change(cluster, (world) => requeueJobs(cluster, world, rest));
    case 'write':
      return writeScript(cluster, rest);
    case 'reconfigure':
      return ''; // slurm.conf is read anew by every command
    case 'update':
      return update(cluster, rest);
    default:
      throw unsupported(`scontrol ${args.join(' ')}`);
  }
}

function show(cluster: Cluster, words: readonly string[], shape: Look): string {
  const [what = '', name, ...more] = words;
  if (more.length > 0) {
    throw unsupported(`scontrol show ${words.join(' ')}`);
  }
  switch (what.toLowerCase()) {
    case 'job':
    case 'jobs':
      return look(cluster, (world, nowUs) => showJobs(world, nowUs, name, shape));
    case 'node':
    case 'nodes':
      return showNodes(cluster, name, shape);
    case 'partition':
    case 'partitions':
      return look(cluster, (world) => showPartitions(world, name, shape));
    case 'config':
      return look(cluster, (world, nowUs) => configText(world, nowUs));
    case 'hostnames':
      return hostnames(name ?? '');
    default:
      throw unsupported(`scontrol show ${words.join(' ')}`);
  }
}

/** -o: one line a record; else lines with an indent, and an empty line behind. */
function record(lines: readonly string[], { isOneLine }: Look): string {
  return isOneLine ? `${lines.join(' ')}\n` : `${lines.join('\n   ')}\n\n`;
}

function showJobs(world: World, nowUs: number, id: string | undefined, shape: Look): string {
  const known = [...world.jobs.values()].filter((job) => !isForgotten(world, job, nowUs));
  const task = id === undefined ? undefined : taskOfId(id);
  const picked = id === undefined ? known : pickJobs(world, nowUs, id, WRONG_ID);
  const jobs = task === undefined ? picked : picked.map((job) => onlyTask(job, task));
  if (jobs.length === 0 && id === undefined) {
    return 'No jobs in the system\n';
  }
  const view = { world, nowUs, isDetailed: shape.isDetailed };
  return jobs
    .toSorted(byArrayAndId)
    .map((job) => record(jobLines(job, view), shape))
    .join('');
}

/** `12_3` of a pending array is shown as if it stood alone. */
function onlyTask(job: Job, task: number): Job {
  const { array } = job;
  return array?.isWhole === true
    ? { ...job, array: { ...array, tasks: [task], isWhole: false } }
    : job;
}

/** An array's tasks stand together, the record with the array's own id first. */
function byArrayAndId(a: Job, b: Job): number {
  return (a.array?.jobId ?? a.id) - (b.array?.jobId ?? b.id) || a.id - b.id;
}

function showNodes(cluster: Cluster, list: string | undefined, shape: Look): string {
  const asked = list === undefined ? undefined : expandNodelist(list);
  if (isNodelistError(asked)) {
    throw new Complaint(`Node ${list} not found`);
  }
  const { text, isMissing } = look(cluster, (world) => nodeRecords(world, asked, shape));
  if (isMissing) {
    cluster.surroundings.out(text);
    throw new Complaint('');
  }
  return text;
}

function nodeRecords(
  world: World,
  asked: readonly string[] | undefined,
  shape: Look,
): { readonly text: string; readonly isMissing: boolean } {
  let isMissing = false;
  const records = (asked ?? [...world.nodes.keys()].toSorted(byNodeName)).flatMap((name) => {
    const node = world.nodes.get(name);
    if (node !== undefined && isVisible(node, world)) {
      return [record(nodeLines(node, world), shape)];
    }
    isMissing ||= asked !== undefined;
    return asked === undefined ? [] : [`Node ${name} not found\n`];
  });
  return { text: records.join(''), isMissing };
}

function showPartitions(world: World, name: string | undefined, shape: Look): string {
  const partitions = [...world.conf.partitions.values()].filter(
    (partition) => name === undefined || partition.name === name,
  );
  if (name !== undefined && partitions.length === 0) {
    throw new Complaint(`Partition ${name} not found`);
  }
  return partitions.map((partition) => record(partitionLines(partition, world), shape)).join('');
}

function hostnames(list: string): string {
  const names = expandNodelist(list);
  if (isNodelistError(names)) {
    throw new Complaint(`Invalid hostlist: ${list}`);
  }
  return names.map((name) => `${name}\n`).join('');
}

/** `write batch_script ID -`: SLURM's exit code is 0 even when there is no such script. */
function writeScript(cluster: Cluster, [what, id = '', file]: readonly string[]): string {
  if (what !== 'batch_script' || file !== '-') {
    throw unsupported('scontrol write other than "batch_script ID -"');
  }
  const text = look(cluster, (world) => {
    const job = jobsOfId(world, Number(id))[0];
    const owner = job?.array?.jobId ?? job?.het?.jobId ?? job?.id;
    return owner === undefined ? undefined : cluster.store.script(owner);
  });
  if (text === undefined) {
    cluster.surroundings.err('job script retrieval failed: Invalid job id specified\n');
    return '';
  }
  return text;
}
