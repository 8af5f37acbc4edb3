import { isOver, type Job } from '../model/job.ts';
import { timeLimitOf } from '../model/limits.ts';
import type { World } from '../model/world.ts';
import { SECOND } from '../times.ts';

/** `StartTime=`: of a waiting job its begin time while that lies ahead, of a cancelled one its end. */
export function displayedStartUs(job: Job, nowUs: number): number {
  if (job.state === 'PENDING') {
    return job.beginUs > nowUs ? job.beginUs : 0;
  }
  return job.startUs === 0 && isOver(job) ? job.endUs : job.startUs;
}

/** `EndTime=`: when its time limit would end it, or when it ended. */
export function displayedEndUs(world: World, job: Job, nowUs: number): number {
  if (isOver(job)) {
    return job.endUs;
  }
  const startUs = displayedStartUs(job, nowUs);
  const limit = timeLimitOf(world, job);
  return startUs === 0 || limit === 'UNLIMITED' ? 0 : startUs + limit * 60 * SECOND;
}
