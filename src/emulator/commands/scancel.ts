import { type Cluster, change } from '../cluster.ts';
import { Complaint, unsupported } from '../complaint.ts';
import { cancel, end, tell } from '../engine/lifecycle.ts';
import { isOver, type Job } from '../model/job.ts';
import { happened, hetMembers, type World } from '../model/world.ts';
import { type Option, parseOptions } from '../options.ts';
import { isForgotten } from '../store/world-store.ts';
import { mayActOn } from './hold.ts';
import { pickJobs, taskOfId } from './pick-jobs.ts';

const OPTIONS: readonly Option[] = [
  { name: 'signal', letter: 's', takes: 'value' },
  { name: 'batch', letter: 'b', takes: 'nothing' },
  { name: 'user', letter: 'u', takes: 'value' },
];

/** Signals that end a script which does not trap them; others it must have asked for. */
const SIGNALS: Readonly<Record<string, number>> = { USR1: 10, SIGUSR1: 10, '10': 10 };
const DENIED_EXIT = 210;
const NOT_NOW_EXIT = 228;
const ID = /^[0-9]+(?:[_+][0-9]+)?$/;

export function scancel(cluster: Cluster, args: readonly string[]): string {
  const { options, words } = parseOptions('scancel', args, OPTIONS);
  const signal = options.get('signal');
  if (signal !== undefined && !Object.hasOwn(SIGNALS, signal.toUpperCase())) {
    throw new Complaint(`Unknown job signal: ${signal}`);
  }
  if (signal !== undefined && !options.has('batch')) {
    throw unsupported('scancel --signal without --batch');
  }
  return change(cluster, (world) => {
    const uid = cluster.store.person(cluster.user).uid;
    for (const job of chosen(cluster, world, words, { options, isSignal: signal !== undefined })) {
      if (!mayActOn(cluster, job)) {
        throw complaint(job, 'Access/permission denied', DENIED_EXIT);
      }
      if (signal === undefined) {
        cancelAll(world, job, uid);
      } else {
        sendSignal(world, job, SIGNALS[signal.toUpperCase()] ?? 0);
      }
    }
    return '';
  });
}

function cancelAll(world: World, job: Job, uid: number): void {
  for (const member of job.state === 'PENDING' ? hetMembers(world, job) : [job]) {
    cancel(world, member, uid);
  }
}

interface Choice {
  readonly options: ReadonlyMap<string, string>;
  readonly isSignal: boolean;
}

function chosen(
  cluster: Cluster,
  world: World,
  words: readonly string[],
  { options, isSignal }: Choice,
): readonly Job[] {
  const user = options.get('user');
  const known = [...world.jobs.values()].filter((job) => !isForgotten(world, job, world.atUs));
  if (words.length === 0) {
    if (user === undefined) {
      throw new Complaint('scancel: error: No job identification provided');
    }
    return known.filter((job) => job.spec.user === user && !isOver(job));
  }
  const bad = words.find((word) => !ID.test(word));
  if (bad !== undefined) {
    throw new Complaint(`scancel: error: Invalid job id ${bad}`);
  }
  return words.flatMap((word) => named(cluster, world, word, isSignal));
}

/** A job that is unknown or over is silently passed over, unless it should get a signal. */
function named(cluster: Cluster, world: World, id: string, isSignal: boolean): readonly Job[] {
  const missing = `scancel: error: Kill job error on job id ${id}: Invalid job id specified`;
  try {
    const task = taskOfId(id);
    const jobs = pickJobs(world, world.atUs, id, missing).filter((job) => !isOver(job));
    return task === undefined ? jobs : jobs.flatMap((job) => taskRecord(cluster, world, job, task));
  } catch (error) {
    if (isSignal || !(error instanceof Complaint)) {
      throw error;
    }
    return [];
  }
}

/** Measured: a task that is cancelled within its array's record just vanishes from it. */
function taskRecord(cluster: Cluster, world: World, job: Job, task: number): readonly Job[] {
  const { array } = job;
  if (array?.isWhole !== true || array.tasks.length === 1 || !mayActOn(cluster, job)) {
    return [job];
  }
  job.array = { ...array, tasks: array.tasks.filter((other) => other !== task) };
  tell(world, job);
  return [];
}

function sendSignal(world: World, job: Job, signal: number): void {
  if (job.state !== 'RUNNING' || job.isConfiguring) {
    throw complaint(job, 'Job can not be altered now, try again later', NOT_NOW_EXIT);
  }
  happened(world, 'signal', { job: job.id, signal });
  if (!job.spec.trapsUsr1) {
    end(world, job, { state: 'FAILED', reason: 'JobLaunchFailure', exitSignal: signal });
  }
}

function complaint(job: Job, why: string, exitCode: number): Complaint {
  const text = `scancel: error: Kill job error on job id ${job.id}: ${why}`;
  return new Complaint(text, exitCode);
}
