import { Complaint, unsupported } from '../complaint.ts';
import type { Job } from '../model/job.ts';
import type { World } from '../model/world.ts';
import { isForgotten } from '../store/world-store.ts';

/** What `scontrol show job` says of an id that nobody has. */
export const WRONG_ID = 'slurm_load_jobs error: Invalid job id specified';

const ID = /^([0-9]{1,10})(?:_([0-9]{1,7})|\+([0-9]{1,4}))?$/;

/** The records that `12`, `12_3` or `12+1` names: an array's or a het leader's id names all of them. */
export function pickJobs(
  world: World,
  nowUs: number,
  text: string,
  missing: string,
): readonly Job[] {
  const [, id, task, offset] = ID.exec(text) ?? [];
  if (id === undefined) {
    throw text.includes('[')
      ? unsupported(`job id ${text}`)
      : new Complaint(missing.replace('slurm_load_jobs', 'scontrol_print_job'));
  }
  const jobs = [...world.jobs.values()].filter(
    (job) => !isForgotten(world, job, nowUs) && isNamed(job, Number(id), task, offset),
  );
  if (jobs.length === 0) {
    throw new Complaint(task === undefined ? missing : `Job ${text} not found`);
  }
  return jobs;
}

function isNamed(
  job: Job,
  id: number,
  task: string | undefined,
  offset: string | undefined,
): boolean {
  if (task !== undefined) {
    return job.array?.jobId === id && job.array.tasks.includes(Number(task));
  }
  if (offset !== undefined) {
    return job.het?.jobId === id && job.het.offset === Number(offset);
  }
  return job.id === id || job.array?.jobId === id || job.het?.jobId === id;
}

/** The task's number when the text names one task of an array. */
export function taskOfId(text: string): number | undefined {
  const task = ID.exec(text)?.[2];
  return task === undefined ? undefined : Number(task);
}
