import { compressNodelist } from '../../core/slurm/nodelist.ts';
import type { Job } from '../model/job.ts';
import { hetMembers, type World } from '../model/world.ts';

/** What PrologSlurmctld gets (sample/calls/prolog-slurmctld.txt): no PATH, no SLURM_CONF, no times. */
export function prologEnv(world: World, job: Job): Readonly<Record<string, string>> {
  return { ...jobEnv(world, job), SLURM_SCRIPT_CONTEXT: 'prolog_slurmctld' };
}

/**
 * What EpilogSlurmctld gets, of the run that ends now. Measured: after `scontrol requeue` the restart
 * count is already the next run's, after a failed node it is still this run's.
 */
export function epilogEnv(
  world: World,
  job: Job,
  restartCount: number,
): Readonly<Record<string, string>> {
  const isStopped = ['CANCELLED', 'TIMEOUT', 'NODE_FAIL'].includes(job.state);
  const code = isStopped ? 0 : job.exitCode;
  const signal = isStopped ? 0 : job.exitSignal;
  return {
    ...jobEnv(world, job),
    SLURM_JOB_DERIVED_EC: '0',
    SLURM_JOB_EXIT_CODE2: `${code}:${signal}`,
    SLURM_JOB_EXIT_CODE: `${code * 256 + signal}`,
    SLURM_JOB_RESTART_COUNT: `${restartCount}`,
    SLURM_SCRIPT_CONTEXT: 'epilog_slurmctld',
  };
}

function jobEnv(world: World, job: Job): Readonly<Record<string, string>> {
  const { spec } = job;
  return {
    SLURM_JOB_ACCOUNT: spec.account,
    ...arrayEnv(job),
    SLURM_CLUSTER_NAME: world.conf.clusterName,
    ...(job.comment === '' ? {} : { SLURM_JOB_COMMENT: job.comment }),
    ...hetEnv(world, job),
    SLURM_JOB_GID: `${spec.gid}`,
    SLURM_JOB_GROUP: spec.user,
    SLURM_JOBID: `${job.id}`,
    SLURM_JOB_ID: `${job.id}`,
    SLURM_JOB_NAME: spec.name,
    SLURM_JOB_NODELIST: compressNodelist(job.nodes),
    SLURM_JOB_CPUS_PER_NODE: cpusPerNode(job),
    SLURM_JOB_NUM_NODES: `${job.nodes.length}`,
    SLURM_JOB_PARTITION: job.partition,
    SLURM_JOB_RESTART_COUNT: `${job.restarts}`,
    SLURM_JOB_UID: `${spec.uid}`,
    SLURM_JOB_USER: spec.user,
    SLURM_JOB_STDIN: '/dev/null',
    ...(spec.stdOut === undefined ? {} : { SLURM_JOB_STDOUT: spec.stdOut }),
    SLURM_JOB_WORK_DIR: spec.workDir,
  };
}

/** `4(x2)`, `3,1(x2)`: runs of equal numbers in the order of the nodes. */
function cpusPerNode(job: Job): string {
  const runs: { cpus: number; times: number }[] = [];
  for (const name of job.nodes) {
    const cpus = job.shares[name]?.cpus ?? 0;
    const last = runs.at(-1);
    if (last?.cpus === cpus) {
      last.times += 1;
    } else {
      runs.push({ cpus, times: 1 });
    }
  }
  return runs.map(({ cpus, times }) => (times === 1 ? `${cpus}` : `${cpus}(x${times})`)).join(',');
}

function arrayEnv({ array }: Job): Readonly<Record<string, string>> {
  return array === undefined
    ? {}
    : {
        SLURM_ARRAY_JOB_ID: `${array.jobId}`,
        SLURM_ARRAY_TASK_ID: `${array.tasks[0]}`,
        SLURM_ARRAY_TASK_COUNT: `${array.count}`,
        SLURM_ARRAY_TASK_MIN: `${array.min}`,
        SLURM_ARRAY_TASK_MAX: `${array.max}`,
        SLURM_ARRAY_TASK_STEP: `${array.step}`,
      };
}

function hetEnv(world: World, job: Job): Readonly<Record<string, string>> {
  if (job.het === undefined) {
    return {};
  }
  const place = { JOB_ID: `${job.het.jobId}`, JOB_OFFSET: `${job.het.offset}` };
  const all = compressNodelist(hetMembers(world, job).flatMap((member) => member.nodes));
  const facts = job.het.offset === 0 ? { ...place, JOB_NODELIST: all } : place;
  return Object.fromEntries(
    Object.entries(facts).flatMap(([key, value]) => [
      [`SLURM_HET_${key}`, value],
      [`SLURM_PACK_${key}`, value],
    ]),
  );
}
