import { formatTasks } from '../../core/slurm/array.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import { cpusOf, isOver, type Job } from './job.ts';
import { timeLimitOf } from './limits.ts';
import { neededCpus, neededNodes } from './needs.ts';
import { sacctTres } from './tres.ts';
import type { World } from './world.ts';

/** slurmdbd's picture of one run, as sacct shows it. */
export interface Run {
  readonly jobId: number;
  /** `12`, `12_3`, `12_[4-7%2]`, `20+0`. */
  readonly idText: string;
  /** For the order of lines. */
  readonly groupId: number;
  readonly name: string;
  readonly account: string;
  readonly user: string;
  readonly partition: string;
  readonly qos: string;
  /** With ` by UID`. */
  readonly state: string;
  readonly exitCode: string;
  readonly submitUs: number;
  readonly eligibleUs: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly timeLimit: string;
  readonly nodes: number;
  readonly cpus: number;
  readonly batchCpus: number;
  readonly nodeList: string;
  readonly allocTres: string;
  readonly comment: string;
  /** Only of a run that has ended. */
  readonly adminComment: string;
  readonly tasks: number;
  readonly memMib: number;
  readonly hasSteps: boolean;
}

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
    startUs: job.state === 'PENDING' ? 0 : job.startUs,
    endUs: isEnded ? job.endUs : 0,
    timeLimit: rawLimit(world, job),
    ...sizesOf(world, job),
    batchCpus: first?.cpus ?? 0,
    comment: isEnded ? job.comment : '',
    adminComment: isEnded ? job.adminComment : '',
    tasks: job.spec.numTasks ?? job.nodes.length,
    memMib: first?.mem ?? 0,
    hasSteps: job.scriptUs !== 0,
  };
}

/** Being cancelled or stopped at the limit is not the script's own exit. */
function exitText(job: Job): string {
  return ['CANCELLED', 'TIMEOUT'].includes(job.state) ? '0:0' : `${job.exitCode}:${job.exitSignal}`;
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
export function taskText(job: Job): string {
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
  if (job.spec.timeLimit === undefined && job.state === 'PENDING') {
    return 'Partition_Limit';
  }
  return `${timeLimitOf(world, job)}`;
}
