import { Fault } from '../../core/errors.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import type { BurstPorts } from './burst-ports.ts';
import { inParallel } from './parallel.ts';

const SCRIPTS_AT_ONCE = 8;
/** In a larger crowd one-node jobs are known by name and tasks alone: of them little depends. */
const SMALL_JOBS_MAX = 32;

/**
 * The batch scripts by job id, whole, as far as they can be had: a resume goes on without. Tasks of an
 * array are never MPI jobs, so theirs are not asked for; components of one job share the leader's.
 */
export async function jobScripts(
  jobs: readonly SlurmJob[],
  { slurm, log }: Pick<BurstPorts, 'slurm' | 'log'>,
): Promise<ReadonlyMap<number, string>> {
  const own = jobs.filter(({ arrayTaskId }) => arrayTaskId === undefined);
  const small = own.filter(({ numNodes }) => numNodes < 2);
  const isCrowd = small.length > SMALL_JOBS_MAX;
  const wanted = own.filter(({ numNodes }) => numNodes > 1 || !isCrowd);
  const owners = [...new Set(wanted.map(ownerOf))];
  const found = await inParallel(owners, SCRIPTS_AT_ONCE, async (jobId) => {
    try {
      const script = await slurm.batchScript(jobId);
      return [jobId, script] as const;
    } catch (error) {
      if (!(error instanceof Fault)) {
        throw error;
      }
      log.write('warn', 'script_unreadable', { job_id: jobId, msg: error.message });
      return [jobId, undefined] as const;
    }
  });
  const scripts = new Map(found);
  return new Map(
    wanted.flatMap((job) => {
      const script = scripts.get(ownerOf(job));
      return script === undefined ? [] : [[job.jobId, script] as const];
    }),
  );
}

function ownerOf({ jobId, hetJobId }: SlurmJob): number {
  return hetJobId ?? jobId;
}
