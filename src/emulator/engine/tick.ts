import type { Job } from '../model/job.ts';
import { has, type Node, withFlag } from '../model/node.ts';
import { hetMembers, owe, type World } from '../model/world.ts';
import { SECOND } from '../times.ts';
import { end, isReady, limitUs, nodeOf, start } from './lifecycle.ts';
import { lose, notResponding, poweredDown, register, resumeFailed } from './power.ts';
import { eligibleFromUs, schedule } from './schedule.ts';

const NOTHING_DUE = Number.POSITIVE_INFINITY;

/** Plays everything that is due at the world's instant, in SLURM's order, until nothing is. */
export function settle(world: World): void {
  for (let again = true; again; ) {
    const before = world.happenings.length;
    playNodeEvents(world);
    playNodes(world, 'lost');
    playJobs(world);
    playNodes(world, 'powering_up');
    playNodes(world, 'powering_down');
    playNodes(world, 'idle');
    schedule(world);
    again = world.happenings.length > before;
  }
}

/** The next instant at which something happens by itself; Infinity when nothing will. */
export function nextEventUs(world: World): number {
  let next = NOTHING_DUE;
  for (const event of world.events) {
    next = Math.min(next, event.atUs);
  }
  for (const due of world.due) {
    next = Math.min(next, due.dueUs);
  }
  for (const job of world.jobs.values()) {
    next = Math.min(next, jobDueUs(world, job));
  }
  for (const node of world.nodes.values()) {
    next = Math.min(next, nodeDueUs(world, node));
  }
  return next;
}

function playNodeEvents(world: World): void {
  const due = world.events.filter((event) => event.atUs <= world.atUs);
  for (const event of due) {
    const node = world.nodes.get(event.node);
    if (node !== undefined) {
      (event.kind === 'boot' ? register : lose)(world, node);
    }
  }
  if (due.length > 0) {
    const left = world.events.filter((event) => event.atUs > world.atUs);
    world.events.splice(0, world.events.length, ...left);
  }
}

function playJobs(world: World): void {
  for (const job of [...world.jobs.values()].toSorted((a, b) => a.id - b.id)) {
    if (job.state === 'RUNNING' && jobDueUs(world, job) <= world.atUs) {
      if (job.isConfiguring) {
        start(world, job);
      } else {
        finish(world, job);
      }
    }
  }
}

function finish(world: World, job: Job): void {
  const scriptEnd = scriptEndUs(world, job);
  if (scriptEnd > world.atUs) {
    end(world, job, { state: 'TIMEOUT', reason: 'TimeLimit', exitSignal: 15 });
    return;
  }
  const exitCode = leaderOf(world, job).spec.runExit;
  end(
    world,
    job,
    exitCode === 0
      ? { state: 'COMPLETED' }
      : { state: 'FAILED', reason: 'NonZeroExitCode', exitCode },
  );
}

/** What a node waits for: at most one thing at a time. */
type Waiting = 'lost' | 'powering_up' | 'powering_down' | 'idle';

function waitingOf(world: World, node: Node): Waiting | undefined {
  if (has(node, 'POWERING_UP')) {
    return 'powering_up';
  }
  if (has(node, 'POWERING_DOWN')) {
    return 'powering_down';
  }
  if (has(node, 'POWERED_DOWN')) {
    return undefined;
  }
  if (node.lostUs !== 0) {
    return 'lost';
  }
  const { conf } = world;
  const isSpared =
    conf.suspendTime === undefined ||
    conf.programs.suspend === '' ||
    conf.suspendExcNodes.has(node.name) ||
    has(node, 'POWER_DOWN');
  return isSpared || node.idleUs === 0 ? undefined : 'idle';
}

/** When the node's next time limit is over. */
function nodeDueUs(world: World, node: Node): number {
  const { conf, settings } = world;
  switch (waitingOf(world, node)) {
    case 'powering_up':
      return node.resumeUs + conf.resumeTimeout * SECOND;
    case 'powering_down':
      return node.suspendUs + conf.suspendTimeout * SECOND;
    case 'lost':
      return node.lostUs + (conf.slurmdTimeout + settings.lost_delay) * SECOND;
    case 'idle':
      return node.idleUs + (conf.suspendTime ?? 0) * SECOND;
    case undefined:
      return NOTHING_DUE;
  }
}

const PLAY: Readonly<Record<Waiting, (world: World, node: Node) => void>> = {
  lost: notResponding,
  powering_up: resumeFailed,
  powering_down: poweredDown,
  idle: suspendIdle,
};

function playNodes(world: World, what: Waiting): void {
  for (const node of world.nodes.values()) {
    if (waitingOf(world, node) === what && nodeDueUs(world, node) <= world.atUs) {
      PLAY[what](world, node);
    }
  }
}

function suspendIdle(world: World, node: Node): void {
  withFlag(node, 'POWER_DOWN');
  world.changedNodes.add(node);
  owe(world, 'suspend', world.atUs, { nodes: [node.name] });
}

/** When a job starts, ends or becomes eligible. */
function jobDueUs(world: World, job: Job): number {
  if (job.state === 'PENDING') {
    const from = eligibleFromUs(job);
    return from > world.atUs && job.priority > 0 ? from : NOTHING_DUE;
  }
  if (job.state !== 'RUNNING') {
    return NOTHING_DUE;
  }
  if (job.isConfiguring) {
    return startUs(world, job);
  }
  const limit = limitUs(world, job);
  return Math.min(scriptEndUs(world, job), limit === 0 ? NOTHING_DUE : limit);
}

/** All nodes registered: the next multiple of start_tick. */
function startUs(world: World, job: Job): number {
  const nodes = job.nodes.map((name) => nodeOf(world, name));
  if (!nodes.every(isReady)) {
    return NOTHING_DUE;
  }
  const readyUs = Math.max(job.startUs, ...nodes.map((node) => node.bootUs));
  const tickUs = world.settings.start_tick * SECOND;
  return tickUs === 0 ? readyUs : Math.ceil(readyUs / tickUs) * tickUs;
}

/** The script of a het job is its leader's, and begins when every component has its nodes. */
function scriptEndUs(world: World, job: Job): number {
  const members = hetMembers(world, job);
  if (members.some((member) => member.isConfiguring)) {
    return NOTHING_DUE;
  }
  const begunUs = Math.max(...members.map((member) => member.scriptUs));
  return begunUs + leaderOf(world, job).spec.runSeconds * SECOND;
}

function leaderOf(world: World, job: Job): Job {
  return hetMembers(world, job).find((member) => member.het?.offset === 0) ?? job;
}
