import type { BaseState, Job, Share } from '../model/job.ts';
import { timeLimitOf } from '../model/limits.ts';
import { has, type Node } from '../model/node.ts';
import { runOf } from '../model/run.ts';
import {
  happened,
  hetMembers,
  occupy,
  owe,
  runningOn,
  usageOf,
  vacate,
  type World,
} from '../model/world.ts';
import { SECOND } from '../times.ts';
import { epilogEnv, prologEnv } from './epilog-env.ts';

const MINUTE = 60 * SECOND;
const SIGTERM = 15;

/** The job has changed: it is written back, and slurmdbd hears of it. */
export function tell(world: World, job: Job): void {
  world.changedJobs.add(job);
  world.told.set(job.runId, runOf(world, job));
}

export function changed(world: World, job: Job): void {
  world.changedJobs.add(job);
}

export function changedNode(world: World, node: Node): void {
  world.changedNodes.add(node);
}

/** When its time limit is over; 0: never. */
export function limitUs(world: World, job: Job): number {
  const limit = timeLimitOf(world, job);
  return limit === 'UNLIMITED' ? 0 : job.startUs + limit * MINUTE;
}

/** Gives the job its nodes; ResumeProgram is owed for those that are powered down. */
export function allocate(
  world: World,
  job: Job,
  partition: string,
  shares: Readonly<Record<string, Share>>,
): void {
  job.state = 'RUNNING';
  job.partition = partition;
  job.shares = shares;
  job.nodes = Object.keys(shares);
  job.reason = 'None';
  job.schedUs = world.atUs;
  job.startUs = world.atUs;
  job.accrueUs ||= job.array === undefined ? job.eligibleUs : 0;
  occupy(world, job);
  job.endUs = limitUs(world, job);
  const asleep: string[] = [];
  for (const name of job.nodes) {
    const node = nodeOf(world, name);
    node.idleUs = 0;
    changedNode(world, node);
    if (has(node, 'POWERED_DOWN')) {
      asleep.push(name);
    }
    job.isConfiguring ||= !isReady(node);
  }
  if (asleep.length > 0) {
    owe(world, 'resume', world.atUs + world.settings.resume_delay * SECOND, { nodes: asleep });
  }
  happened(world, job.isConfiguring ? 'configuring' : 'started', { job: job.id, nodes: job.nodes });
  if (world.conf.programs.prolog !== '') {
    owe(world, 'prolog', world.atUs, { jobId: job.id, env: prologEnv(world, job) });
  }
  if (!job.isConfiguring) {
    job.scriptUs = world.atUs;
  }
  tell(world, job);
}

/** All its nodes have registered: CONFIGURING is over, run time and time limit count from now. */
export function start(world: World, job: Job): void {
  job.isConfiguring = false;
  job.startUs = world.atUs;
  job.scriptUs = world.atUs;
  job.endUs = limitUs(world, job);
  happened(world, 'started', { job: job.id, nodes: job.nodes });
  tell(world, job);
}

export interface End {
  readonly state: Exclude<BaseState, 'PENDING' | 'RUNNING'>;
  readonly reason?: string;
  readonly exitCode?: number;
  readonly exitSignal?: number;
  readonly cancelledBy?: number;
}

/** Ends a running job with all components of its het job: nodes are free, the epilog is owed. */
export function end(world: World, job: Job, how: End): void {
  for (const member of hetMembers(world, job).filter(({ state }) => state === 'RUNNING')) {
    const wasConfiguring = member.isConfiguring;
    leaveNodes(world, member);
    member.state = how.state;
    member.isConfiguring = false;
    member.endUs = world.atUs;
    member.reason = how.reason ?? 'None';
    member.exitCode = how.exitCode ?? 0;
    member.exitSignal = wasConfiguring ? 0 : (how.exitSignal ?? 0);
    member.cancelledBy = how.cancelledBy;
    oweEpilog(world, member, member.restarts);
    happened(world, 'ended', { job: member.id, state: how.state });
    tell(world, member);
  }
}

/** The job goes back into the queue as a new run; the old one is told as `state`. */
export function requeue(world: World, job: Job, state: 'NODE_FAIL' | 'REQUEUED'): void {
  for (const member of hetMembers(world, job).filter((each) => each.state === 'RUNNING')) {
    leaveNodes(world, member);
    member.endUs = world.atUs;
    member.isConfiguring = false;
    // slurmctld counts the restart before the epilog only when a person asks for the requeue.
    oweEpilog(world, member, member.restarts + (state === 'REQUEUED' ? 1 : 0));
    const picture = runOf(world, { ...member, state: 'COMPLETED' });
    world.told.set(member.runId, { ...picture, state, exitCode: '0:0' });
    happened(world, 'requeued', { job: member.id, state });
    renew(world, member);
  }
}

function renew(world: World, job: Job): void {
  const beginUs = world.atUs + world.settings.requeue_delay * SECOND;
  job.runId = world.counters.runId++;
  job.state = 'PENDING';
  job.restarts += 1;
  job.submitUs = world.atUs;
  job.beginUs = beginUs;
  job.eligibleUs = beginUs;
  job.accrueUs = 0;
  job.startUs = 0;
  job.endUs = 0;
  job.scriptUs = 0;
  job.nodes = [];
  job.shares = {};
  job.exitCode = 0;
  job.exitSignal = 0;
  job.reason = 'None';
  world.mayStart = true;
  tell(world, job);
}

/** One of its nodes is gone or was taken away. */
function failOnNode(world: World, job: Job, isAlive: boolean): void {
  if (job.spec.isRequeueable) {
    requeue(world, job, 'NODE_FAIL');
  } else {
    // The slurmd of a node that is taken away still ends the script, and says how.
    const exitSignal = isAlive ? SIGTERM : 0;
    end(world, job, { state: 'NODE_FAIL', reason: 'NodeDown', exitSignal });
  }
}

export function failJobsOn(world: World, name: string, isAlive = true): void {
  for (const job of runningOn(world, name)) {
    if (job.state === 'RUNNING') {
      failOnNode(world, job, isAlive);
    }
  }
}

/** scancel: a pending job ends without an epilog, a running one as any other. */
export function cancel(world: World, job: Job, uid: number): void {
  if (job.state === 'RUNNING') {
    end(world, job, { state: 'CANCELLED', exitSignal: SIGTERM, cancelledBy: uid });
    return;
  }
  if (job.state !== 'PENDING') {
    return;
  }
  job.state = 'CANCELLED';
  job.endUs = world.atUs;
  job.cancelledBy = uid;
  happened(world, 'cancelled', { job: job.id });
  tell(world, job);
}

/** A task that is about to leave its array's record gets a record and an id of its own. */
export function splitTask(world: World, job: Job, task: number): Job {
  const { array } = job;
  if (array === undefined || !array.isWhole) {
    return job;
  }
  if (array.tasks.length === 1) {
    job.array = { ...array, isWhole: false };
    tell(world, job);
    return job;
  }
  const alone: Job = {
    ...job,
    id: world.counters.jobId++,
    runId: world.counters.runId++,
    array: { ...array, tasks: [task], isWhole: false },
  };
  job.array = { ...array, tasks: array.tasks.filter((other) => other !== task) };
  world.jobs.set(alone.id, alone);
  tell(world, job);
  tell(world, alone);
  return alone;
}

export function nodeOf(world: World, name: string): Node {
  const node = world.nodes.get(name);
  if (node === undefined) {
    throw new Error(`no node ${name}`);
  }
  return node;
}

/** A slurmd answers there. */
export function isReady(node: Node): boolean {
  return !(has(node, 'POWERED_DOWN') || has(node, 'POWERING_UP') || has(node, 'NOT_RESPONDING'));
}

function leaveNodes(world: World, job: Job): void {
  vacate(world, job);
  world.mayStart = true;
  for (const name of job.nodes) {
    const node = nodeOf(world, name);
    if (usageOf(world, name).jobs === 0) {
      node.idleUs = world.atUs;
      node.lastBusyUs = world.atUs;
      changedNode(world, node);
      if (has(node, 'POWER_DOWN')) {
        owe(world, 'suspend', world.atUs, { nodes: [name] });
      }
    }
  }
}

function oweEpilog(world: World, job: Job, restartCount: number): void {
  if (world.conf.programs.epilog !== '') {
    job.isCompleting = true;
    owe(world, 'epilog', world.atUs, { jobId: job.id, env: epilogEnv(world, job, restartCount) });
  }
}
