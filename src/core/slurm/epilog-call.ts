/** What slurmctld says of a run that ends (slurm.conf(5) EpilogSlurmctld; burst.md 7.1). */
export interface EpilogCall {
  readonly cluster: string;
  /** Raw id, of an array's task too. */
  readonly jobId: number;
  readonly arrayJobId: number | undefined;
  readonly arrayTask: number;
  /** Of the run that ended. */
  readonly restart: number;
  readonly partition: string;
  /** '' when there is none. */
  readonly account: string;
  readonly userName: string;
  readonly nodeList: string;
  readonly nodes: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ID = /^[0-9]{1,10}$/;
const TASK = /^[0-9]{1,7}$/;

/** Undefined without a job id: then nothing can be done here, and `maintain` finds the job. */
export function epilogCall(environment: Environment): EpilogCall | undefined {
  const id = word(environment, 'SLURM_JOB_ID') || word(environment, 'SLURM_JOBID');
  const array = word(environment, 'SLURM_ARRAY_JOB_ID');
  const task = word(environment, 'SLURM_ARRAY_TASK_ID');
  const isTask = ID.test(array) && TASK.test(task);
  return ID.test(id)
    ? {
        cluster: word(environment, 'SLURM_CLUSTER_NAME'),
        jobId: Number(id),
        arrayJobId: isTask ? Number(array) : undefined,
        arrayTask: isTask ? Number(task) : -1,
        restart: count(environment, 'SLURM_JOB_RESTART_COUNT'),
        partition: word(environment, 'SLURM_JOB_PARTITION'),
        account: word(environment, 'SLURM_JOB_ACCOUNT'),
        userName: word(environment, 'SLURM_JOB_USER'),
        nodeList: word(environment, 'SLURM_JOB_NODELIST'),
        nodes: count(environment, 'SLURM_JOB_NUM_NODES'),
      }
    : undefined;
}

function word(environment: Environment, name: string): string {
  const value = environment[name] ?? '';
  return value === '(null)' ? '' : value;
}

function count(environment: Environment, name: string): number {
  const value = word(environment, name);
  return TASK.test(value) ? Number(value) : 0;
}
