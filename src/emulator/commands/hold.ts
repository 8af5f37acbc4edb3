import type { Cluster } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import { requeue, splitTask, tell } from '../engine/lifecycle.ts';
import { isOver, type Job } from '../model/job.ts';
import { happened, hetMembers, type World } from '../model/world.ts';
import { pickJobs, taskOfId } from './pick-jobs.ts';

const DENIED = 'Access/permission denied';

/** Everyone may act on his own jobs, the operator on all. */
export function mayActOn(cluster: Cluster, job: Job): boolean {
  return cluster.isOperator || job.spec.user === cluster.user;
}

/** The records of one id as an update acts on them: a task still in its array leaves it. */
export function jobsToChange(world: World, id: string): readonly Job[] {
  const missing = `Invalid job id specified for job ${id}`;
  const jobs = pickJobs(world, world.atUs, id, missing);
  const task = taskOfId(id);
  return task === undefined ? jobs : jobs.map((job) => splitTask(world, job, task));
}

export function hold(cluster: Cluster, world: World, ids: readonly string[]): string {
  for (const id of ids) {
    for (const job of allowed(cluster, world, id)) {
      job.priority = 0;
      job.eligibleUs = job.beginUs > world.atUs ? job.eligibleUs : 0;
      job.reason = cluster.isOperator ? 'JobHeldAdmin' : 'JobHeldUser';
      tell(world, job);
      happened(world, 'held', { job: job.id });
    }
  }
  return '';
}

export function release(cluster: Cluster, world: World, ids: readonly string[]): string {
  for (const id of ids) {
    for (const job of allowed(cluster, world, id)) {
      if (!cluster.isOperator && job.reason === 'JobHeldAdmin') {
        throw suspendError(id, DENIED);
      }
      letGo(world, job);
    }
  }
  return '';
}

function letGo(world: World, job: Job): void {
  if (job.state !== 'PENDING' || job.priority > 0) {
    return;
  }
  job.priority = job.fullPriority;
  job.beginUs = Math.max(job.beginUs, world.atUs);
  job.eligibleUs = job.beginUs;
  job.reason = 'None';
  tell(world, job);
  happened(world, 'released', { job: job.id });
}

export function requeueJobs(cluster: Cluster, world: World, ids: readonly string[]): string {
  for (const id of ids) {
    for (const job of jobsToChange(world, id)) {
      if (!mayActOn(cluster, job)) {
        throw new Complaint(`${DENIED} for job ${id}`);
      }
      requeueOne(world, job, id);
    }
  }
  return '';
}

function requeueOne(world: World, job: Job, id: string): void {
  if (!job.spec.isRequeueable) {
    throw new Complaint(`Requested operation is presently disabled for job ${id}`);
  }
  if (job.state === 'PENDING') {
    throw new Complaint(`Job is pending execution for job ${id}`);
  }
  if (!isOver(job) && hetMembers(world, job)[0] === job) {
    requeue(world, job, 'REQUEUED');
  }
}

function allowed(cluster: Cluster, world: World, id: string): readonly Job[] {
  const jobs = jobsOrSuspendError(world, id).filter((job) => !isOver(job));
  if (jobs.some((job) => !mayActOn(cluster, job))) {
    throw suspendError(id, 'Invalid user id');
  }
  return jobs;
}

function jobsOrSuspendError(world: World, id: string): readonly Job[] {
  const missing = `Invalid job id specified for job ${id}\nslurm_suspend error: Invalid job id specified`;
  const task = taskOfId(id);
  const jobs = pickJobs(world, world.atUs, id, missing);
  return task === undefined ? jobs : jobs.map((job) => splitTask(world, job, task));
}

/** hold and release say it twice. */
function suspendError(id: string, why: string): Complaint {
  return new Complaint(`${why} for job ${id}\nslurm_suspend error: ${why}`);
}
