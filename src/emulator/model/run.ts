import { formatTasks } from '../../core/slurm/array.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import { SECOND } from '../times.ts';
import { cpusOf, isOver, type Job } from './job.ts';
import { timeLimitOf } from './limits.ts';
import { neededCpus, neededNodes } from './needs.ts';
import type { Run } from './run-picture.ts';
import { sacctTres } from './tres.ts';
import type { World } from './world.ts';

const KNOWN_AFTER_US = 2 * SECOND;

export function runOf(world: World, job: Job): Run {
  const isEnded = isOver(job);
  const first = Object.values(job.shares)[0];
  return {
    jobId: job.id,
    idText: runIdText(job),
    groupId: job.array?.jobId ?? job.het?.jobId ?? job.id,
    name: job.spec.name,
    account: job.spec.account,
    user: job.spec.user,
    partition: job.partition,
    qos: job.spec.qos,
    state: job.cancelledBy === undefined ? job.state : `${job.state} by ${job.cancelledBy}`,
    exitCode: exitText(job),
    submitUs: job.submitUs,
    eligibleUs: job.eligibleUs,
    startUs: startOf(job),
    endUs: isEnded ? job.endUs : 0,
    timeLimit: rawLimit(world, job),
    ...sizesOf(world, job),
    reqTres: sacctTres(world, { ...job, nodes: [], shares: {} }),
    batchCpus: first?.cpus ?? 0,
    comment: isEnded ? job.comment : '',
    adminComment: isEnded ? job.adminComment : '',
    tasks: job.spec.numTasks ?? job.nodes.length,
    memMib: first?.mem ?? 0,
    hasBegun: job.scriptUs !== 0,
    steps: job.scriptUs === 0 ? [] : job.spec.steps,
  };
}

/** Measured: a job cancelled before slurmdbd knew it as pending shows its cancel as Start, others None. */
function startOf(job: Job): number {
  const isYoung = job.state === 'CANCELLED' && job.endUs - job.submitUs <= KNOWN_AFTER_US;
  if (job.state === 'PENDING') {
    return 0;
  }
  return job.startUs === 0 && isYoung ? job.endUs : job.startUs;
}

/** Being cancelled or stopped at the limit is not the script's own exit. */
function exitText(job: Job): string {
  return ['CANCELLED', 'TIMEOUT', 'NODE_FAIL'].includes(job.state)
    ? '0:0'
    : `${job.exitCode}:${job.exitSignal}`;
}

function sizesOf(world: World, job: Job): Pick<Run, 'nodes' | 'cpus' | 'nodeList' | 'allocTres'> {
  return job.nodes.length === 0
    ? {
        nodes: neededNodes(world, job),
        cpus: neededCpus(world, job),
        nodeList: 'None assigned',
        allocTres: '',
      }
    : {
        nodes: job.nodes.length,
        cpus: cpusOf(job),
        nodeList: compressNodelist(job.nodes),
        allocTres: sacctTres(world, job),
      };
}

export function runIdText(job: Job): string {
  if (job.het !== undefined) {
    return `${job.het.jobId}+${job.het.offset}`;
  }
  return job.array === undefined ? `${job.id}` : `${job.array.jobId}_${taskText(job)}`;
}

/** `3`, or `[1-4%2]` while the tasks are one record. */
function taskText(job: Job): string {
  const { array } = job;
  if (array === undefined) {
    return '';
  }
  return array.isWhole ? `[${taskRange(job)}]` : `${array.tasks[0]}`;
}

/** `1-4%2` or `1-21:2`, as `ArrayTaskId=` shows it. */
export function taskRange(job: Job): string {
  const { array } = job;
  if (array === undefined) {
    return '';
  }
  const list = stepped(array.tasks) ?? formatTasks(array.tasks);
  return array.isWhole && array.throttle > 0 ? `${list}%${array.throttle}` : list;
}

/** SLURM writes a long list with one distance as `first-last:step`. */
function stepped(tasks: readonly number[]): string | undefined {
  const [first = 0, second = 0] = tasks;
  const last = tasks.at(-1) ?? 0;
  const step = second - first;
  const isEven = step > 1 && tasks.every((task, index) => task === first + index * step);
  return isEven && tasks.length > 3 ? `${first}-${last}:${step}` : undefined;
}

function rawLimit(world: World, job: Job): string {
  if (job.spec.timeLimit === undefined && job.nodes.length === 0) {
    return 'Partition_Limit';
  }
  return `${timeLimitOf(world, job)}`;
}
