import { Fault } from '../../../src/core/errors.ts';
import {
  compressNodelist,
  expandNodelist,
  isNodelistError,
} from '../../../src/core/slurm/nodelist.ts';
import type { QueuedJob, SlurmJob, SlurmNode } from '../../../src/ports/slurm.ts';
import type { ModelJob, ModelNode } from './slurm-model.ts';

// What the commands of the model's slurmctld show.

export function shownNode(name: string, node: ModelNode): SlurmNode {
  return {
    name,
    state: node.state,
    flags: [...node.flags],
    address: node.address,
    hostname: node.hostname,
    partitions: [],
    reason: node.reason,
    cpus: 4,
    realMemoryMib: 7000,
  };
}

export function shownJob(job: ModelJob): SlurmJob {
  return {
    jobId: job.jobId,
    arrayJobId: job.arrayJobId,
    arrayTaskId: job.arrayTask === undefined ? undefined : `${job.arrayTask}`,
    hetJobId: job.hetJobId,
    hetJobOffset: undefined,
    name: job.name ?? 'job',
    userName: 'ada',
    userId: process.getuid?.(),
    account: job.account,
    partition: job.partition,
    state: job.state,
    reason: 'None',
    requeue: job.isRequeueable ?? true,
    restarts: job.restarts,
    submitS: job.submitS,
    startS: job.startS,
    endS: undefined,
    timeLimitSeconds: job.timeLimitSeconds,
    nodeList: compressNodelist(job.nodes),
    numNodes: Math.max(1, job.nodes.length),
    numCpus: 4 * Math.max(1, job.nodes.length),
    numTasks: job.numTasks ?? 1,
    cpusPerTask: 1,
    features: job.features ?? '',
    tres: '',
    tresPerNode: '',
    overSubscribe: 'NO',
    comment: job.comment,
    adminComment: job.adminComment,
    exitCode: '0:0',
    cpusOnNode: {},
  };
}

export function queuedJob(job: ModelJob): QueuedJob {
  return {
    jobId: job.jobId,
    arrayJobId: job.arrayJobId ?? job.jobId,
    arrayTask: job.arrayTask,
    state: job.state,
    partition: job.partition,
    account: job.account,
    userName: 'ada',
    nodes: Math.max(1, job.nodes.length),
    cpus: 4,
    timeLimitSeconds: job.timeLimitSeconds,
    submitS: job.submitS,
    startS: job.startS,
    nodeList: compressNodelist(job.nodes),
    reason: 'None',
  };
}

/** As slurmctld begins with a cloud node. */
export function offNode(name: string): ModelNode {
  return {
    state: 'IDLE',
    flags: new Set(['CLOUD', 'POWERED_DOWN']),
    address: name,
    hostname: name,
    reason: '',
  };
}

/** Its nodes went. */
export function requeue(job: ModelJob, nowS: number): void {
  if (job.isRequeueable === false) {
    Object.assign(job, { state: 'NODE_FAIL', nodes: [] });
    return;
  }
  job.state = 'PENDING';
  job.nodes = [];
  job.submitS = nowS;
  job.startS = undefined;
  job.restarts += 1;
  job.startIn = 121;
}

/** Its nodes are not free yet. */
export function complete(job: ModelJob): void {
  job.state = 'COMPLETING';
}

export function isQueued({ state }: ModelJob): boolean {
  return state === 'PENDING' || state === 'CONFIGURING' || state === 'RUNNING';
}

export function namesOf(nodeList: string): readonly string[] {
  const names = expandNodelist(nodeList, { unique: true });
  if (isNodelistError(names)) {
    throw new Fault(names.text, { exitCode: 75 });
  }
  return names;
}
