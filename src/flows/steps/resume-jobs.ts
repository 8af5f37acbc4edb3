import type { JobFacts } from '../../core/burst/gangs.ts';
import { Fault } from '../../core/errors.ts';
import { isOver } from '../../core/slurm/job-state.ts';
import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import type { ResumeJob } from '../../core/slurm/resume-file.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import type { BurstPorts } from './burst-ports.ts';
import { type Deadline, pause } from './deadline.ts';
import { inParallel } from './parallel.ts';

const TRIES_MAX = 3;
const RETRY_MS = 1000;
const JOBS_AT_ONCE = 8;

/**
 * Which job wants which of the nodes: the resume file, else one squeue (burst.md 7.2). Nodes that no
 * job names are left out; they follow the pool rule. Undefined: nobody could be asked.
 */
export async function jobsToResume(
  file: readonly ResumeJob[] | undefined,
  nodes: readonly string[],
  ports: BurstPorts,
): Promise<readonly ResumeJob[] | undefined> {
  const jobs = file ?? (await jobsOnNodes(nodes, ports));
  const wanted = new Set(nodes);
  return jobs
    ?.map((job) => ({ ...job, nodes: job.nodes.filter((node) => wanted.has(node)) }))
    .filter((job) => job.nodes.length > 0);
}

async function jobsOnNodes(
  nodes: readonly string[],
  { slurm, log }: BurstPorts,
): Promise<readonly ResumeJob[] | undefined> {
  try {
    const queued = await slurm.queueOnNodes(nodes.join(','));
    return queued.flatMap(({ jobId, nodeList }) => {
      const names = expandNodelist(nodeList, { unique: true });
      return isNodelistError(names) || names.length === 0
        ? []
        : [{ jobId, nodes: names, allocated: names, oversubscribe: 'OK' as const }];
    });
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('error', 'queue_unreadable', { msg: error.message });
    return undefined;
  }
}

/** What `scontrol show job` says of each, asked up to three times; those without an answer are left out. */
export async function readJobs(
  jobIds: readonly number[],
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<ReadonlyMap<number, SlurmJob>> {
  const found = await inParallel([...new Set(jobIds)], JOBS_AT_ONCE, async (jobId) => ({
    jobId,
    job: await readJob(jobId, ports),
  }));
  return new Map(
    found.flatMap(({ jobId, job }) =>
      job === undefined || isOver(job.state) ? [] : [[jobId, job] as const],
    ),
  );
}

async function readJob(
  jobId: number,
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<SlurmJob | undefined> {
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    try {
      const lines = await ports.slurm.job(jobId);
      return lines.find((line) => line.jobId === jobId);
    } catch (error) {
      if (!(error instanceof Fault)) {
        throw error;
      }
      ports.log.write('warn', 'job_unreadable', { job_id: jobId, msg: error.message });
    }
    await pause(ports, RETRY_MS, ports.deadline);
  }
  return undefined;
}

export function jobFacts(jobs: ReadonlyMap<number, SlurmJob>): ReadonlyMap<number, JobFacts> {
  return new Map(
    [...jobs].map(([jobId, job]) => {
      const names = expandNodelist(job.nodeList, { unique: true });
      const { arrayJobId, hetJobId } = job;
      return [
        jobId,
        { jobId, arrayJobId, hetJobId, allocated: isNodelistError(names) ? [] : names },
      ];
    }),
  );
}
