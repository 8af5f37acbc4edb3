// The facts of SLURM, read by its own commands (emulator.md 4). Every method throws a Fault (75) when
// the command fails, hangs or prints what we do not understand: nothing is ever guessed.

/** One line of `scontrol show job -d -o`. Times are epoch seconds, undefined for Unknown or N/A. */
export interface SlurmJob {
  readonly jobId: number;
  readonly arrayJobId?: number | undefined;
  /** Text: a pending array shows `2-3%1`. */
  readonly arrayTaskId?: string | undefined;
  readonly hetJobId?: number | undefined;
  readonly hetJobOffset?: number | undefined;
  readonly name: string;
  readonly userName: string;
  readonly userId?: number | undefined;
  readonly account: string;
  readonly partition: string;
  readonly state: string;
  readonly reason: string;
  readonly requeue: boolean;
  readonly restarts: number;
  readonly submitS: number;
  readonly startS?: number | undefined;
  readonly endS?: number | undefined;
  /** Undefined: UNLIMITED or not set. */
  readonly timeLimitSeconds?: number | undefined;
  readonly nodeList: string;
  readonly numNodes: number;
  readonly numCpus: number;
  readonly numTasks: number;
  readonly cpusPerTask: number;
  readonly features: string;
  readonly tres: string;
  readonly tresPerNode: string;
  readonly minMemoryNodeMib?: number | undefined;
  readonly minMemoryCpuMib?: number | undefined;
  readonly overSubscribe: string;
  readonly comment: string;
  readonly adminComment: string;
  readonly exitCode: string;
  /** CPUs of the job on each of its nodes (`-d`), where shown. */
  readonly cpusOnNode: Readonly<Record<string, number>>;
}

/** One line of squeue (`-r -t all`): a task, a component or a job. */
export interface QueuedJob {
  readonly jobId: number;
  readonly arrayJobId: number;
  readonly arrayTask: number | undefined;
  readonly state: string;
  readonly partition: string;
  readonly account: string;
  readonly userName: string;
  readonly nodes: number;
  readonly cpus: number;
  readonly timeLimitSeconds: number | undefined;
  readonly submitS: number;
  readonly startS: number | undefined;
  readonly nodeList: string;
  readonly reason: string;
}

/** One line of sacct -X -D: a run. */
export interface JobRun {
  /** As shown: `12`, `12_3`, `20+0`. */
  readonly jobIdText: string;
  readonly jobIdRaw: number;
  readonly arrayJobId: number | undefined;
  readonly arrayTask: number | undefined;
  readonly account: string;
  readonly userName: string;
  readonly partition: string;
  /** First word: `CANCELLED` of `CANCELLED by 64101`. */
  readonly state: string;
  readonly exitCode: string;
  readonly submitS: number;
  readonly startS: number | undefined;
  readonly endS: number | undefined;
  readonly elapsedSeconds: number;
  readonly timeLimitSeconds: number | undefined;
  readonly nodes: number;
  readonly cpus: number;
  /** '' for `None assigned`: the run never started. */
  readonly nodeList: string;
  readonly allocTres: string;
  readonly adminComment: string;
}

export interface SlurmNode {
  readonly name: string;
  /** Base state without marks: IDLE, MIXED, ALLOCATED, DOWN, … */
  readonly state: string;
  /** CLOUD, POWERED_DOWN, POWERING_UP, DRAIN, NOT_RESPONDING, … */
  readonly flags: readonly string[];
  readonly address: string;
  readonly hostname: string;
  readonly partitions: readonly string[];
  readonly reason: string;
  readonly cpus: number;
  readonly realMemoryMib: number;
  /** AvailableFeatures. */
  readonly features?: readonly string[] | undefined;
  /** As declared: `gpu:2`; '' for none. */
  readonly gres?: string | undefined;
  /** SlurmdStartTime; undefined: none since slurmctld began. */
  readonly slurmdStartS?: number | undefined;
}

export interface NodeAddresses {
  readonly nodes: readonly string[];
  readonly addresses: readonly string[];
  readonly hostnames: readonly string[];
}

export interface JobUpdate {
  readonly adminComment?: string;
  readonly comment?: string;
  /** StartTime=now+N. */
  readonly startInSeconds?: number;
}

/** A user and an account that the user may charge, as SLURM lists them. */
export interface Association {
  readonly account: string;
  readonly user: string;
}

/** SLURM's associations, kept for submit only where the cluster does not enforce them itself. */
export interface Associations {
  /** True: the cluster enforces none, and this pair is not among those kept. */
  isForeign(pair: Association): boolean;
  /** Undefined: the cluster enforces them, nothing is kept. */
  keep(pairs: readonly Association[] | undefined): void;
}

export interface Slurm {
  /** Empty when slurmctld does not know the id. An array's or het leader's id gives all its lines. */
  job(jobId: number): Promise<readonly SlurmJob[]>;
  allJobs(): Promise<readonly SlurmJob[]>;
  queue(): Promise<readonly QueuedJob[]>;
  /** `squeue -t CF,R,PD -w`: for a resume without its file. */
  queueOnNodes(nodeList: string): Promise<readonly { jobId: number; nodeList: string }[]>;
  /** All nodes, or those named; unknown names are left out. */
  nodes(nodeList?: string): Promise<readonly SlurmNode[]>;
  runsSince(sinceS: number): Promise<readonly JobRun[]>;
  runsOf(jobIds: readonly number[]): Promise<readonly JobRun[]>;
  /** TotalCPU seconds and the greatest MaxRSS in KiB over the steps, where sacct knows them. */
  efficiency(jobId: string): Promise<{ cpuSeconds?: number; maxRssKib?: number }>;
  config(): Promise<Readonly<Record<string, string>>>;
  version(): Promise<string>;
  associations(): Promise<readonly Association[]>;
  setAddresses(update: NodeAddresses): Promise<void>;
  setNodeState(nodeList: string, state: string, reason?: string): Promise<void>;
  updateJob(jobId: number, update: JobUpdate): Promise<void>;
  holdJob(jobId: number): Promise<void>;
  /** Of a batch job; undefined: it has none (salloc, srun), or slurmctld has forgotten it. */
  batchScript(jobId: number): Promise<string | undefined>;
  /** scancel: a pending job ends at once, a running one by its signals. */
  cancelJob(jobId: number): Promise<void>;
  /** `scontrol requeue`: an ended or running job that may be requeued; a Fault otherwise. */
  requeueJob(jobId: number): Promise<void>;
  /** SIGUSR1 to the batch step (`scancel --signal=USR1 --batch`). */
  signalJob(jobId: number): Promise<void>;
  /** slurm.conf(5) State of a partition: INACTIVE takes no jobs and starts none. */
  setPartitionState(partition: string, state: 'UP' | 'INACTIVE'): Promise<void>;
}
