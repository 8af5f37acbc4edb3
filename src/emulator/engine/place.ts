import type { NodeConf, PartitionConf } from '../conf/node-lines.ts';
import type { Job, Share } from '../model/job.ts';
import { cpusPerTask, gpusOn, isWholeNodes, memoryOn, taskCount } from '../model/needs.ts';
import { has } from '../model/node.ts';
import { confOf, usageOf, type World } from '../model/world.ts';

/** A node that could take part of the job, and how many of its tasks. */
interface Candidate {
  readonly conf: NodeConf;
  readonly tasks: number;
}

/** Nodes of a partition that a scheduler may use now, awake ones first, then by weight and place. */
export function usableNodes(world: World, partition: PartitionConf): readonly string[] {
  return partition.nodes
    .filter((name) => isUsable(world, name))
    .toSorted((a, b) => rank(world, a) - rank(world, b));
}

/** Up or able to come up, and not all its CPUs are taken. */
export function isUsable(world: World, name: string): boolean {
  const node = world.nodes.get(name);
  return (
    node !== undefined &&
    !isOut(world, name) &&
    usageOf(world, name).cpuIds.length < confOf(world, node).cpus
  );
}

const OUT = ['DRAIN', 'FAIL', 'POWERING_DOWN', 'POWER_DOWN'] as const;

/** Nobody may start there, whatever is free. */
export function isOut(world: World, name: string): boolean {
  const node = world.nodes.get(name);
  if (node === undefined || node.isDown || node.lostUs !== 0) {
    return true;
  }
  const isComing = has(node, 'POWERING_UP') || has(node, 'POWERED_DOWN');
  return OUT.some((flag) => has(node, flag)) || (has(node, 'NOT_RESPONDING') && !isComing);
}

function rank(world: World, name: string): number {
  const node = world.nodes.get(name);
  const weight = world.conf.nodes.get(name)?.weight ?? 1;
  return weight * 2 + (node !== undefined && has(node, 'POWERED_DOWN') ? 1 : 0);
}

/** Shares of the first nodes that together fit, in the order given; undefined when they do not. */
export function place(
  world: World,
  job: Job,
  names: readonly string[],
): Readonly<Record<string, Share>> | undefined {
  const wanted = job.spec.reqNodes;
  if (!wanted.every((name) => names.includes(name))) {
    return undefined;
  }
  const ordered = wanted.length === 0 ? names : [...new Set([...wanted, ...names])];
  const chosen = choose(world, job, ordered);
  return chosen === undefined ? undefined : sharesOf(world, job, chosen);
}

function candidateOf(world: World, job: Job, name: string): Candidate | undefined {
  const conf = world.conf.nodes.get(name);
  if (conf === undefined || !job.spec.features.every((each) => conf.features.includes(each))) {
    return undefined;
  }
  const usage = usageOf(world, name);
  if (isWholeNodes(world, job) && usage.jobs > 0) {
    return undefined;
  }
  const tasks = tasksThatFit(world, job, conf, conf.cpus - usage.cpuIds.length);
  const gpusAreThere = gpusOn(job, job.spec.minNodes ?? 1) <= conf.gpus - usage.gpus;
  return tasks > 0 && gpusAreThere ? { conf, tasks } : undefined;
}

function tasksThatFit(world: World, job: Job, conf: NodeConf, freeCpus: number): number {
  const { tasksPerNode } = job.spec;
  const each = cpusPerTask(job.spec);
  const byCpus = Math.floor(freeCpus / each);
  const limit = tasksPerNode === undefined ? byCpus : Math.min(byCpus, tasksPerNode);
  if (!world.conf.tracksMemory) {
    return limit;
  }
  const freeMem = conf.realMemory - usageOf(world, conf.name).mem;
  for (let tasks = limit; tasks > 0; tasks -= 1) {
    if (memoryOn(world, job, conf, tasks * each) <= freeMem) {
      return tasks;
    }
  }
  return 0;
}

/** First fit: as few of the first nodes as carry all tasks, but never fewer than -N asks for. */
function choose(
  world: World,
  job: Job,
  names: readonly string[],
): readonly Candidate[] | undefined {
  const seen: Candidate[] = [];
  const size: Size = {
    tasks: taskCount(job.spec),
    least: Math.max(job.spec.minNodes ?? 1, job.spec.reqNodes.length),
    most: job.spec.maxNodes ?? job.spec.minNodes ?? names.length,
  };
  for (const name of names) {
    const candidate = candidateOf(world, job, name);
    if (candidate !== undefined) {
      seen.push(candidate);
      if (seen.length >= size.least && seen.length <= size.most && room(seen) >= size.tasks) {
        return seen;
      }
    }
  }
  // The first nodes may be too small for so few of them: then those with most room.
  const largest = seen.toSorted((a, b) => b.tasks - a.tasks).slice(0, size.most);
  return largest.length >= size.least && room(largest) >= size.tasks ? largest : undefined;
}

interface Size {
  readonly tasks: number;
  readonly least: number;
  readonly most: number;
}

function room(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, candidate) => sum + candidate.tasks, 0);
}

function sharesOf(
  world: World,
  job: Job,
  chosen: readonly Candidate[],
): Readonly<Record<string, Share>> {
  const spread = spreadTasks(taskCount(job.spec), chosen);
  const gpus = gpusOn(job, chosen.length);
  const isWhole = isWholeNodes(world, job);
  const shares = chosen.map(({ conf }, index): readonly [string, Share] => {
    const cpus = isWhole ? conf.cpus : (spread[index] ?? 1) * cpusPerTask(job.spec);
    const mem = Math.min(conf.realMemory, memoryOn(world, job, conf, cpus));
    return [conf.name, { cpus, cpuIds: freeCpuIds(world, conf).slice(0, cpus), mem, gpus }];
  });
  return Object.fromEntries(shares);
}

function freeCpuIds(world: World, conf: NodeConf): readonly number[] {
  const { cpuIds } = usageOf(world, conf.name);
  return Array.from({ length: conf.cpus }, (_, id) => id).filter((id) => !cpuIds.includes(id));
}

/** One task on each node, the rest in blocks from the first node on. */
function spreadTasks(tasks: number, chosen: readonly Candidate[]): readonly number[] {
  let left = Math.max(0, tasks - chosen.length);
  return chosen.map(({ tasks: room }) => {
    const more = Math.min(left, room - 1);
    left -= more;
    return 1 + more;
  });
}
