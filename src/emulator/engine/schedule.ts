import { compressNodelist } from '../../core/slurm/nodelist.ts';
import { isHeld, type Job, type Share } from '../model/job.ts';
import { partitionState, timeLimitOf } from '../model/limits.ts';
import { neededNodes } from '../model/needs.ts';
import { hetMembers, occupy, vacate, type World } from '../model/world.ts';
import { allocate, changed, splitTask } from './lifecycle.ts';
import { isOut, isUsable, place, usableNodes } from './place.ts';

/** One pass over the queue at one instant. */
interface Pass {
  readonly world: World;
  /** Partition → nodes with room; forgotten when one is given away. */
  readonly usable: Map<string, readonly string[]>;
  /** Requests that found no place; nothing is freed during a pass. */
  readonly hopeless: Set<string>;
  /** Partitions whose first waiting job has been told "Resources". */
  readonly blocked: Set<string>;
}

/** By job id, first fit: what can start does, the others learn why not. */
export function schedule(world: World): void {
  world.mayStart = false;
  const pass: Pass = { world, usable: new Map(), hopeless: new Set(), blocked: new Set() };
  const waiting = [...world.jobs.values()]
    .filter((job) => job.state === 'PENDING' && !job.isCompleting)
    .toSorted((a, b) => a.id - b.id);
  for (const job of waiting) {
    if (job.array?.isWhole === true) {
      scheduleArray(pass, job);
    } else if (job.state === 'PENDING') {
      scheduleOne(pass, job);
    }
  }
}

/** When its begin time comes or came; not before it was submitted. */
export function eligibleFromUs(job: Job): number {
  return Math.max(job.beginUs, job.submitUs);
}

function scheduleArray(pass: Pass, whole: Job): void {
  for (const task of whole.array?.tasks ?? []) {
    const why = whyNot(pass, whole) ?? throttled(pass.world, whole);
    const shares = why === undefined ? placeAnywhere(pass, whole) : undefined;
    if (why !== undefined || shares === undefined) {
      wait(pass, whole, why ?? busy(pass, whole));
      return;
    }
    begin(pass, splitTask(pass.world, whole, task), shares);
  }
}

function scheduleOne(pass: Pass, job: Job): void {
  const members = hetMembers(pass.world, job);
  if (job.het !== undefined && (job.het.offset > 0 || members.some((each) => each.isCompleting))) {
    return; // started with its leader, when all of them can
  }
  const why = members.map((each) => whyNot(pass, each)).find((reason) => reason !== undefined);
  const places = why === undefined ? placeAll(pass, members) : undefined;
  for (const [index, member] of members.entries()) {
    const shares = places?.[index];
    if (shares === undefined) {
      wait(pass, member, why ?? busy(pass, member));
    } else {
      begin(pass, member, shares);
    }
  }
}

interface Placed {
  readonly partition: string;
  readonly shares: Readonly<Record<string, Share>>;
}

/** All components at once: each sees the nodes that those before it would take. */
function placeAll(pass: Pass, members: readonly Job[]): readonly Placed[] | undefined {
  const places: Placed[] = [];
  for (const member of members) {
    const placed = placeAnywhere(pass, member);
    if (placed === undefined) {
      break;
    }
    places.push(placed);
    occupy(pass.world, { ...member, shares: placed.shares });
    if (members.length > 1) {
      pass.usable.clear();
    }
  }
  for (const [index, placed] of places.entries()) {
    const member = members[index];
    if (member !== undefined) {
      vacate(pass.world, { ...member, shares: placed.shares });
    }
  }
  if (members.length > 1) {
    pass.usable.clear();
    pass.hopeless.clear();
  }
  return places.length === members.length ? places : undefined;
}

function placeAnywhere(pass: Pass, job: Job): Placed | undefined {
  const { partitions, minNodes = 1 } = job.spec;
  const request = JSON.stringify([partitions, minNodes, sizeOf(job)]);
  if (pass.hopeless.has(request)) {
    return undefined;
  }
  for (const partition of partitions) {
    const names = usable(pass, partition);
    const shares = names.length < minNodes ? undefined : place(pass.world, job, names);
    if (shares !== undefined) {
      return { partition, shares };
    }
  }
  pass.hopeless.add(request);
  return undefined;
}

function sizeOf({ spec }: Job): readonly unknown[] {
  return [
    [spec.maxNodes, spec.numTasks, spec.cpusPerTask, spec.tasksPerNode, spec.isExclusive],
    [spec.memPerNode, spec.memPerCpu, spec.gpusPerNode, spec.gpusPerJob],
    [spec.features, spec.reqNodes],
  ];
}

function usable(pass: Pass, partition: string): readonly string[] {
  const known = pass.usable.get(partition);
  if (known !== undefined) {
    return known;
  }
  const conf = pass.world.conf.partitions.get(partition);
  const isOpen = conf !== undefined && partitionState(pass.world, partition) === 'UP';
  const names = isOpen ? usableNodes(pass.world, conf) : [];
  pass.usable.set(partition, names);
  return names;
}

function begin(pass: Pass, job: Job, { partition, shares }: Placed): void {
  allocate(pass.world, job, partition, shares);
  for (const [name, names] of pass.usable) {
    pass.usable.set(
      name,
      names.filter((node) => !Object.hasOwn(shares, node) || isUsable(pass.world, node)),
    );
  }
}

/** What keeps the job itself from starting, whatever is free. */
function whyNot(pass: Pass, job: Job): string | undefined {
  const { world } = pass;
  if (isHeld(job)) {
    return job.reason;
  }
  if (eligibleFromUs(job) > world.atUs) {
    return job.beginUs > world.atUs ? 'BeginTime' : job.reason;
  }
  if (job.spec.partitions.every((name) => partitionState(world, name) !== 'UP')) {
    const state = partitionState(world, job.partition);
    return state === 'INACTIVE' ? 'PartitionInactive' : 'PartitionDown';
  }
  return partitionLimit(world, job) ?? unavailable(world, job);
}

/** A node asked for by name that is drained, down or going down. */
function unavailable(world: World, job: Job): string | undefined {
  const names = job.spec.reqNodes.filter((name) => isOut(world, name));
  return names.length === 0
    ? undefined
    : `ReqNodeNotAvail, UnavailableNodes:${compressNodelist(names)}`;
}

function partitionLimit(world: World, job: Job): string | undefined {
  const conf = world.conf.partitions.get(job.partition);
  if (conf === undefined || job.spec.partitions.length > 1) {
    return undefined;
  }
  const nodes = neededNodes(world, job);
  const most = conf.maxNodes === 'UNLIMITED' ? conf.nodes.length : conf.maxNodes;
  if (nodes > Math.min(most, conf.nodes.length)) {
    return 'PartitionNodeLimit';
  }
  const limit = timeLimitOf(world, job);
  const isTooLong = conf.maxTime !== 'UNLIMITED' && (limit === 'UNLIMITED' || limit > conf.maxTime);
  return isTooLong ? 'PartitionTimeLimit' : undefined;
}

function throttled(world: World, whole: Job): string | undefined {
  const { array } = whole;
  if (array === undefined || array.throttle === 0) {
    return undefined;
  }
  const running = [...world.jobs.values()].filter(
    (job) => job.array?.jobId === array.jobId && job.state === 'RUNNING',
  );
  return running.length >= array.throttle ? 'JobArrayTaskLimit' : undefined;
}

/** The first that waits in a partition waits for resources, those behind it for their turn. */
function busy(pass: Pass, job: Job): string {
  if (pass.blocked.has(job.partition)) {
    return 'Priority';
  }
  pass.blocked.add(job.partition);
  return 'Resources';
}

function wait(pass: Pass, job: Job, reason: string): void {
  const isEligible = !isHeld(job) && eligibleFromUs(job) <= pass.world.atUs;
  if (job.reason !== reason) {
    job.reason = reason;
    changed(pass.world, job);
  }
  if (isEligible && job.accrueUs === 0 && job.eligibleUs !== 0) {
    job.accrueUs = pass.world.atUs;
    changed(pass.world, job);
  }
}
