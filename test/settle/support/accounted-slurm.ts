import { compressNodelist } from '../../../src/core/slurm/nodelist.ts';
import type {
  JobRun,
  JobUpdate,
  NodeAddresses,
  QueuedJob,
  Slurm,
  SlurmJob,
  SlurmNode,
} from '../../../src/ports/slurm.ts';
import type { ModelJob, SlurmModel } from '../../burst/support/slurm-model.ts';

interface Row {
  readonly job: ModelJob;
  readonly submitS: number;
  startS: number;
  endS: number | undefined;
  state: string;
  readonly nodeList: string;
  readonly nodes: number;
}

const CPUS_OF_NODE = 4;

/**
 * The model of slurmctld with the accounting of slurmdbd behind it, which lags: every run, with sacct's
 * peculiar Start (the allocation, until the nodes have booted), and jobs that are COMPLETING.
 */
export class AccountedSlurm implements Slurm {
  readonly #model: SlurmModel;
  readonly #nowS: () => number;
  readonly #rows: Row[] = [];
  readonly #completing = new Set<number>();
  /** Seconds that sacct is behind. */
  lagS = 0;

  constructor(model: SlurmModel, nowS: () => number) {
    this.#model = model;
    this.#nowS = nowS;
  }

  /** The job gets nodes; those for ResumeProgram. With all of them up it starts at once. */
  allocate(job: ModelJob, nodes: readonly string[]): readonly string[] {
    const off = this.#model.allocate(job.jobId, nodes);
    this.#rows.push({
      job,
      submitS: job.submitS,
      startS: this.#nowS(),
      endS: undefined,
      state: 'RUNNING',
      nodeList: compressNodelist(nodes),
      nodes: nodes.length,
    });
    if (off.length === 0) {
      job.state = 'RUNNING';
      job.startS = this.#nowS();
    }
    return off;
  }

  register(nodes: readonly string[]): void {
    this.#model.register(nodes);
    for (const row of this.#rows) {
      if (row.endS === undefined && row.job.state === 'RUNNING' && row.job.startS !== undefined) {
        row.startS = row.job.startS;
      }
    }
  }

  /** COMPLETING: the moment of EpilogSlurmctld. */
  end(job: ModelJob, state = 'COMPLETED'): void {
    const row = this.#open(job);
    if (row === undefined) {
      this.cancel(job);
      return;
    }
    row.endS = this.#nowS();
    row.state = state;
    this.#model.end(job.jobId, 'COMPLETING');
    this.#completing.add(job.jobId);
  }

  /** The nodes are free, the job is gone from the queue. */
  complete(job: ModelJob): void {
    if (this.#completing.delete(job.jobId)) {
      job.state = this.#last(job)?.state ?? 'COMPLETED';
    }
  }

  /** While pending: no node, no epilog. */
  cancel(job: ModelJob): void {
    if (job.state === 'PENDING') {
      const nowS = this.#nowS();
      this.#rows.push({
        job,
        submitS: job.submitS,
        startS: nowS,
        endS: nowS,
        state: 'CANCELLED',
        nodeList: '',
        nodes: 0,
      });
      this.#model.end(job.jobId, 'CANCELLED');
    }
  }

  /** `scontrol requeue`, a lost node, a preemption: over, and pending again. */
  requeue(job: ModelJob, state: 'NODE_FAIL' | 'REQUEUED' | 'PREEMPTED' = 'NODE_FAIL'): void {
    const row = this.#open(job);
    if (row !== undefined) {
      row.endS = this.#nowS();
      row.state = state;
    }
    this.#model.end(job.jobId, 'PENDING');
    job.submitS = this.#nowS();
    job.startS = undefined;
    job.restarts += 1;
  }

  #open(job: ModelJob): Row | undefined {
    return this.#rows.find((row) => row.job === job && row.endS === undefined);
  }

  #last(job: ModelJob): Row | undefined {
    return this.#rows.findLast((row) => row.job === job);
  }

  // The port: what the model does not know.

  async queue(): Promise<readonly QueuedJob[]> {
    const queued = await this.#model.queue();
    const going = [...this.#completing].flatMap((jobId): readonly QueuedJob[] => {
      const row = this.#rows.findLast(({ job }) => job.jobId === jobId);
      return row === undefined ? [] : [completingLine(row)];
    });
    return [...queued, ...going];
  }

  async job(jobId: number): Promise<readonly SlurmJob[]> {
    const jobs = await this.#model.job(jobId);
    return jobs.map((shown) => this.#withEnd(shown));
  }

  async allJobs(): Promise<readonly SlurmJob[]> {
    const jobs = await this.#model.allJobs();
    return jobs.map((shown) => this.#withEnd(shown));
  }

  #withEnd(shown: SlurmJob): SlurmJob {
    const row = this.#rows.findLast(
      ({ job, submitS }) => job.jobId === shown.jobId && submitS === shown.submitS,
    );
    return row?.endS === undefined ? shown : { ...shown, startS: row.startS, endS: row.endS };
  }

  async runsSince(sinceS: number): Promise<readonly JobRun[]> {
    await this.#model.runsSince(sinceS);
    return this.#shown().filter(({ endS }) => endS === undefined || endS >= sinceS);
  }

  async runsOf(jobIds: readonly number[]): Promise<readonly JobRun[]> {
    await this.#model.runsOf(jobIds);
    return this.#shown().filter(
      (run) => jobIds.includes(run.jobIdRaw) || jobIds.includes(run.arrayJobId ?? -1),
    );
  }

  #shown(): readonly JobRun[] {
    const known = this.#nowS() - this.lagS;
    return this.#rows.filter(({ startS }) => startS <= known).map((row) => rowAt(row, known));
  }

  /** What sacct says that the steps of every job used. */
  used: { cpuSeconds?: number; maxRssKib?: number } = {};

  async efficiency(): Promise<{ cpuSeconds?: number; maxRssKib?: number }> {
    return await Promise.resolve(this.used);
  }

  async queueOnNodes(
    nodeList: string,
  ): Promise<readonly { readonly jobId: number; readonly nodeList: string }[]> {
    return await this.#model.queueOnNodes(nodeList);
  }

  async nodes(nodeList?: string): Promise<readonly SlurmNode[]> {
    return await this.#model.nodes(nodeList);
  }

  async config(): Promise<Readonly<Record<string, string>>> {
    return await this.#model.config();
  }

  async version(): Promise<string> {
    return await this.#model.version();
  }

  async associations(): Promise<readonly { account: string; user: string }[]> {
    return await this.#model.associations();
  }

  async setAddresses(update: NodeAddresses): Promise<void> {
    await this.#model.setAddresses(update);
  }

  /** power_down_force requeues what stands on the nodes. */
  async setNodeState(nodeList: string, state: string, reason?: string): Promise<void> {
    const before = this.#rows.filter(({ endS }) => endS === undefined);
    await this.#model.setNodeState(nodeList, state, reason);
    for (const row of before.filter(
      ({ job, submitS }) =>
        job.submitS !== submitS || job.state === 'PENDING' || job.state === 'NODE_FAIL',
    )) {
      row.endS = this.#nowS();
      row.state = 'NODE_FAIL';
    }
  }

  async updateJob(jobId: number, update: JobUpdate): Promise<void> {
    await this.#model.updateJob(jobId, update);
  }

  async holdJob(jobId: number): Promise<void> {
    await this.#model.holdJob(jobId);
  }

  async batchScript(jobId: number): Promise<string | undefined> {
    return await this.#model.batchScript(jobId);
  }

  async cancelJob(jobId: number): Promise<void> {
    await this.#model.cancelJob(jobId);
  }

  async requeueJob(jobId: number): Promise<void> {
    await this.#model.requeueJob(jobId);
  }

  async signalJob(jobId: number): Promise<void> {
    await this.#model.signalJob(jobId);
  }

  async setPartitionState(partition: string, state: 'UP' | 'INACTIVE'): Promise<void> {
    await this.#model.setPartitionState(partition, state);
  }
}

function idText({ jobId, arrayJobId, arrayTask }: ModelJob): string {
  return arrayJobId === undefined ? `${jobId}` : `${arrayJobId}_${arrayTask}`;
}

function rowAt(row: Row, known: number): JobRun {
  const { job, submitS, startS, nodeList, nodes } = row;
  const isOver = row.endS !== undefined && row.endS <= known;
  return {
    jobIdText: idText(job),
    jobIdRaw: job.jobId,
    arrayJobId: job.arrayJobId,
    arrayTask: job.arrayTask,
    account: job.account,
    userName: 'ada',
    partition: job.partition,
    state: isOver ? row.state : 'RUNNING',
    exitCode: '0:0',
    submitS,
    startS,
    endS: isOver ? row.endS : undefined,
    elapsedSeconds: (row.endS ?? known) - startS,
    timeLimitSeconds: job.timeLimitSeconds,
    nodes,
    cpus: nodes * CPUS_OF_NODE,
    nodeList,
    allocTres: `billing=8,cpu=${nodes * CPUS_OF_NODE},mem=${nodes * 4}G,node=${nodes},gres/gpu=${nodes}`,
    adminComment: isOver ? job.adminComment : '',
  };
}

function completingLine({ job, submitS, startS, nodeList, nodes }: Row): QueuedJob {
  return {
    jobId: job.jobId,
    arrayJobId: job.arrayJobId ?? job.jobId,
    arrayTask: job.arrayTask,
    state: 'COMPLETING',
    partition: job.partition,
    account: job.account,
    userName: 'ada',
    nodes,
    cpus: nodes * CPUS_OF_NODE,
    timeLimitSeconds: job.timeLimitSeconds,
    submitS,
    startS,
    nodeList,
    reason: 'None',
  };
}
