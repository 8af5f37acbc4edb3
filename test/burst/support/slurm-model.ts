import { Fault } from '../../../src/core/errors.ts';
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

export interface ModelNode {
  state: string;
  flags: Set<string>;
  address: string;
  hostname: string;
  reason: string;
}

export interface ModelJob {
  readonly jobId: number;
  readonly arrayJobId: number | undefined;
  readonly arrayTask: number | undefined;
  readonly hetJobId: number | undefined;
  readonly account: string;
  readonly partition: string;
  readonly name?: string | undefined;
  readonly numTasks?: number | undefined;
  readonly features?: string | undefined;
  state: string;
  nodes: readonly string[];
  submitS: number;
  startS: number | undefined;
  restarts: number;
  timeLimitSeconds: number;
  adminComment: string;
  comment: string;
  startIn: number | undefined;
  isHeld: boolean;
  /** Without it (`--no-requeue`, salloc) a job ends with its nodes. */
  readonly isRequeueable?: boolean | undefined;
}

import {
  complete,
  isQueued,
  namesOf,
  offNode,
  queuedJob,
  requeue,
  shownJob,
  shownNode,
} from './slurm-shapes.ts';

type Method = keyof Slurm;

const FOREVER = Number.POSITIVE_INFINITY;

/**
 * As much of slurmctld as the burst flows see of it: nodes that power up and down, jobs that are
 * requeued when their nodes go (burst.md 7.4), and commands that fail when told to.
 */
export class SlurmModel implements Slurm {
  readonly jobsById = new Map<number, ModelJob>();
  readonly calls: { readonly method: Method; readonly args: readonly unknown[] }[] = [];
  readonly #nodes = new Map<string, ModelNode>();
  readonly #failing = new Map<Method, number>();
  readonly #nowS: () => number;
  #nextJob = 100;
  /** Lists that SuspendProgram would be called with. */
  readonly suspended: string[] = [];
  /** Batch scripts by job. */
  readonly scripts = new Map<number, string>();
  readonly partitionStates = new Map<string, string>();
  enforce = 'associations,limits';
  privateData = 'cloud';
  /** As real slurmctld after ResumeTimeout: the job is COMPLETING for some seconds (see `requeueNow`). */
  requeuesLate = false;

  constructor(nodes: readonly string[], nowS: () => number) {
    this.#nowS = nowS;
    for (const name of nodes) {
      this.#nodes.set(name, offNode(name));
    }
  }

  /** The next `times` calls of this method fail as a command does whose slurmctld is away. */
  fail(method: Method, times = FOREVER): void {
    this.#failing.set(method, times);
  }

  heal(): void {
    this.#failing.clear();
  }

  #called(method: Method, ...args: readonly unknown[]): void {
    this.calls.push({ method, args });
    const left = this.#failing.get(method) ?? 0;
    if (left > 0) {
      this.#failing.set(method, left - 1);
      throw new Fault(`${method}: Unable to contact slurm controller`, { exitCode: 75 });
    }
  }

  callsOf(method: Method): readonly (readonly unknown[])[] {
    return this.calls.filter((call) => call.method === method).map(({ args }) => args);
  }

  // What slurmctld does by itself.

  submit(
    job: Partial<ModelJob> & { readonly account: string; readonly partition: string },
  ): ModelJob {
    const jobId = job.jobId ?? this.#nextJob;
    this.#nextJob = Math.max(this.#nextJob, jobId) + 1;
    const made: ModelJob = {
      jobId,
      arrayJobId: undefined,
      arrayTask: undefined,
      hetJobId: undefined,
      state: 'PENDING',
      nodes: [],
      submitS: this.#nowS(),
      startS: undefined,
      restarts: 0,
      timeLimitSeconds: 3600,
      adminComment: '',
      comment: '',
      startIn: undefined,
      isHeld: false,
      ...job,
    };
    this.jobsById.set(jobId, made);
    return made;
  }

  /** Gives the job its nodes and powers up those that are off; returns the nodes for ResumeProgram. */
  allocate(jobId: number, nodes: readonly string[]): readonly string[] {
    const job = this.#job(jobId);
    job.state = 'CONFIGURING';
    job.nodes = nodes;
    job.startIn = undefined;
    return nodes.filter((name) => {
      const node = this.#node(name);
      const isOff = node.flags.has('POWERED_DOWN');
      node.state = 'ALLOCATED';
      if (isOff) {
        node.flags = new Set(['CLOUD', 'NOT_RESPONDING', 'POWERING_UP']);
      }
      return isOff;
    });
  }

  /** slurmd registers. */
  register(names: readonly string[]): void {
    for (const name of names) {
      this.#node(name).flags = new Set(['CLOUD']);
    }
    for (const job of this.jobsById.values()) {
      const isUp = job.nodes.every((name) => !this.#node(name).flags.has('POWERING_UP'));
      if (job.state === 'CONFIGURING' && isUp) {
        job.state = 'RUNNING';
        job.startS = this.#nowS();
      }
    }
  }

  end(jobId: number, state = 'COMPLETED'): void {
    const job = this.#job(jobId);
    job.state = state;
    for (const name of job.nodes) {
      this.#node(name).state = 'IDLE';
    }
    job.nodes = [];
  }

  requeueNow(): void {
    for (const job of this.jobsById.values()) {
      if (job.state === 'COMPLETING') {
        requeue(job, this.#nowS());
      }
    }
  }

  /** SuspendTime is over. */
  powerDown(names: readonly string[]): void {
    for (const name of names) {
      const node = this.#node(name);
      node.state = 'IDLE';
      node.flags = new Set(['CLOUD', 'POWERING_DOWN']);
    }
  }

  /** SuspendTimeout is over. */
  settle(): void {
    for (const [name, node] of this.#nodes) {
      if (node.flags.has('POWERING_DOWN')) {
        Object.assign(node, offNode(name));
      }
    }
  }

  set(name: string, state: string, ...flags: readonly string[]): void {
    const node = this.#node(name);
    node.state = state;
    node.flags = new Set(['CLOUD', ...flags]);
  }

  add(name: string, state: string, ...flags: readonly string[]): void {
    this.#nodes.set(name, { ...offNode(name), state, flags: new Set(flags) });
  }

  remove(name: string): void {
    this.#nodes.delete(name);
  }

  node(name: string): SlurmNode {
    return shownNode(name, this.#node(name));
  }

  #node(name: string): ModelNode {
    const node = this.#nodes.get(name);
    if (node === undefined) {
      throw new Error(`no node ${name}`);
    }
    return node;
  }

  #job(jobId: number): ModelJob {
    const job = this.jobsById.get(jobId);
    if (job === undefined) {
      throw new Error(`no job ${jobId}`);
    }
    return job;
  }

  // The port.

  async job(jobId: number): Promise<readonly SlurmJob[]> {
    await Promise.resolve();
    this.#called('job', jobId);
    return [...this.jobsById.values()]
      .filter((job) => [job.jobId, job.arrayJobId, job.hetJobId].includes(jobId))
      .map(shownJob);
  }

  async allJobs(): Promise<readonly SlurmJob[]> {
    await Promise.resolve();
    this.#called('allJobs');
    return [...this.jobsById.values()].map(shownJob);
  }

  async queue(): Promise<readonly QueuedJob[]> {
    await Promise.resolve();
    this.#called('queue');
    return [...this.jobsById.values()].filter(isQueued).map(queuedJob);
  }

  async queueOnNodes(
    nodeList: string,
  ): Promise<readonly { readonly jobId: number; readonly nodeList: string }[]> {
    await Promise.resolve();
    this.#called('queueOnNodes', nodeList);
    const names = namesOf(nodeList);
    return [...this.jobsById.values()]
      .filter((job) => isQueued(job) && job.nodes.some((name) => names.includes(name)))
      .map((job) => ({ jobId: job.jobId, nodeList: compressNodelist(job.nodes) }));
  }

  async nodes(nodeList?: string): Promise<readonly SlurmNode[]> {
    await Promise.resolve();
    this.#called('nodes', nodeList);
    const names = nodeList === undefined ? undefined : new Set(namesOf(nodeList));
    return [...this.#nodes]
      .filter(([name]) => names?.has(name) ?? true)
      .map(([name, node]) => shownNode(name, node));
  }

  async runsSince(sinceS: number): Promise<readonly JobRun[]> {
    await Promise.resolve();
    this.#called('runsSince', sinceS);
    return [];
  }

  async runsOf(jobIds: readonly number[]): Promise<readonly JobRun[]> {
    await Promise.resolve();
    this.#called('runsOf', jobIds);
    return [];
  }

  async efficiency(jobId: string): Promise<{ cpuSeconds?: number; maxRssKib?: number }> {
    await Promise.resolve();
    this.#called('efficiency', jobId);
    return {};
  }

  async config(): Promise<Readonly<Record<string, string>>> {
    await Promise.resolve();
    this.#called('config');
    return { PrivateData: this.privateData, AccountingStorageEnforce: this.enforce };
  }

  async version(): Promise<string> {
    await Promise.resolve();
    return '22.05.8';
  }

  async associations(): Promise<readonly { account: string; user: string }[]> {
    await Promise.resolve();
    this.#called('associations');
    return [{ account: 'chem', user: 'ada' }];
  }

  async setAddresses(update: NodeAddresses): Promise<void> {
    await Promise.resolve();
    this.#called('setAddresses', update);
    for (const [at, name] of update.nodes.entries()) {
      const node = this.#node(name);
      node.address = update.addresses[at] ?? '';
      node.hostname = update.hostnames[at] ?? '';
    }
  }

  async setNodeState(nodeList: string, state: string, reason = ''): Promise<void> {
    await Promise.resolve();
    this.#called('setNodeState', nodeList, state, reason);
    const names = namesOf(nodeList);
    if (state !== 'power_down_force') {
      for (const name of names) {
        this.#node(name).reason = reason;
        this.#node(name).flags.add('DRAIN');
      }
      return;
    }
    for (const job of this.jobsById.values()) {
      if (isQueued(job) && job.nodes.some((name) => names.includes(name))) {
        (this.requeuesLate ? complete : requeue)(job, this.#nowS());
      }
    }
    this.powerDown(names);
    for (const name of names) {
      this.#node(name).reason = reason;
    }
    this.suspended.push(nodeList);
  }

  async updateJob(jobId: number, update: JobUpdate): Promise<void> {
    await Promise.resolve();
    this.#called('updateJob', jobId, update);
    const job = this.#job(jobId);
    job.adminComment = update.adminComment ?? job.adminComment;
    job.comment = update.comment ?? job.comment;
    job.startIn = update.startInSeconds ?? job.startIn;
  }

  async holdJob(jobId: number): Promise<void> {
    await Promise.resolve();
    this.#called('holdJob', jobId);
    this.#job(jobId).isHeld = true;
  }

  async batchScript(jobId: number): Promise<string | undefined> {
    await Promise.resolve();
    this.#called('batchScript', jobId);
    return this.scripts.get(jobId);
  }

  async cancelJob(jobId: number): Promise<void> {
    await Promise.resolve();
    this.#called('cancelJob', jobId);
    this.end(jobId);
  }

  async requeueJob(jobId: number): Promise<void> {
    await Promise.resolve();
    this.#called('requeueJob', jobId);
    const job = this.#job(jobId);
    for (const name of job.nodes) {
      this.#node(name).state = 'IDLE';
    }
    requeue(job, this.#nowS());
  }

  async signalJob(jobId: number): Promise<void> {
    await Promise.resolve();
    this.#called('signalJob', jobId);
  }

  async setPartitionState(partition: string, state: 'UP' | 'INACTIVE'): Promise<void> {
    await Promise.resolve();
    this.#called('setPartitionState', partition, state);
    this.partitionStates.set(partition, state);
  }
}
