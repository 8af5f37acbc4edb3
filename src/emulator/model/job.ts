import type { Limit } from '../conf/node-lines.ts';
import type { Gpus } from '../units.ts';

/** What a submission asks for, with every default of the partition filled in. */
export interface JobSpec {
  readonly name: string;
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly account: string;
  readonly qos: string;
  /** As asked, `a,b` too; the first that can take the job is used. */
  readonly partitions: readonly string[];
  /** Minutes; undefined: not asked, so the partition's. */
  readonly timeLimit: Limit | undefined;
  /** undefined: -N not given. */
  readonly minNodes: number | undefined;
  readonly maxNodes: number | undefined;
  readonly numTasks: number | undefined;
  readonly cpusPerTask: number | undefined;
  readonly tasksPerNode: number | undefined;
  readonly memPerNode: number | undefined;
  readonly memPerCpu: number | undefined;
  readonly gpusPerNode: Gpus | undefined;
  readonly gpusPerJob: Gpus | undefined;
  readonly features: readonly string[];
  readonly reqNodes: readonly string[];
  readonly isExclusive: boolean;
  readonly isRequeueable: boolean;
  readonly command: string;
  readonly workDir: string;
  readonly stdOut: string | undefined;
  readonly stdErr: string | undefined;
  /** What the script will do, by its own words (emulator.md 5). */
  readonly runSeconds: number;
  readonly runExit: number;
  readonly trapsUsr1: boolean;
  /** Names of the steps that it starts with srun. */
  readonly steps: readonly string[];
}

export type BaseState =
  | 'PENDING'
  | 'RUNNING'
  | 'COMPLETED'
  | 'FAILED'
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'NODE_FAIL';

export interface Share {
  readonly cpus: number;
  readonly cpuIds: readonly number[];
  readonly mem: number;
  readonly gpus: number;
}

export interface ArrayPlace {
  readonly jobId: number;
  /** Tasks of a record that is still pending as a whole; one task once it stands alone. */
  tasks: readonly number[];
  /** True until the tasks left are one record of their own. */
  isWhole: boolean;
  throttle: number;
  /** Of the whole array, for the environment of the epilog. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface HetPlace {
  readonly jobId: number;
  readonly offset: number;
  readonly size: number;
}

/** A record of slurmctld. All times are microseconds since 1970, 0 = none. */
export interface Job {
  readonly id: number;
  /** Told to slurmdbd as the id of this run; a requeued job gets a new one. */
  runId: number;
  array: ArrayPlace | undefined;
  readonly het: HetPlace | undefined;
  spec: JobSpec;
  state: BaseState;
  isConfiguring: boolean;
  isCompleting: boolean;
  /** Names of the nodes; kept when over, empty while pending. */
  nodes: readonly string[];
  shares: Readonly<Record<string, Share>>;
  /** The partition it runs in, or the first asked. */
  partition: string;
  reason: string;
  priority: number;
  /** The priority it gets back when released. */
  fullPriority: number;
  restarts: number;
  submitUs: number;
  /** Not before; 0: at once. */
  beginUs: number;
  eligibleUs: number;
  accrueUs: number;
  schedUs: number;
  startUs: number;
  endUs: number;
  /** When the script began: the run time and the limit count from here; 0 while configuring. */
  scriptUs: number;
  exitCode: number;
  exitSignal: number;
  /** Who cancelled it, for sacct. */
  cancelledBy: number | undefined;
  comment: string;
  adminComment: string;
}

export function isOver(job: Job): boolean {
  return job.state !== 'PENDING' && job.state !== 'RUNNING';
}

/** `JobState=` and squeue's %T: COMPLETING hides what is behind it. */
export function stateText(job: Job): string {
  if (job.isCompleting) {
    return 'COMPLETING';
  }
  return job.isConfiguring ? 'CONFIGURING' : job.state;
}

const COMPACT: Readonly<Record<string, string>> = {
  PENDING: 'PD',
  RUNNING: 'R',
  CONFIGURING: 'CF',
  COMPLETING: 'CG',
  COMPLETED: 'CD',
  FAILED: 'F',
  TIMEOUT: 'TO',
  CANCELLED: 'CA',
  NODE_FAIL: 'NF',
};

export function compactState(job: Job): string {
  return compactOf(stateText(job));
}

function compactOf(state: string): string {
  return COMPACT[state] ?? state;
}

/** The state that a word of `squeue -t` names; undefined when it names none. */
export function stateOfWord(word: string): string | undefined {
  const upper = word.toUpperCase();
  return Object.keys(COMPACT).find((state) => state === upper || COMPACT[state] === upper);
}

export function isHeld(job: Job): boolean {
  return job.state === 'PENDING' && job.priority === 0;
}

/** The parts of one job that a node counts for: its tasks, CPUs and memory there. */
export function cpusOf(job: Job): number {
  return Object.values(job.shares).reduce((sum, share) => sum + share.cpus, 0);
}
