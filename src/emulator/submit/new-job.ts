import { resolve } from 'node:path';
import { parseArray } from '../../core/slurm/array.ts';
import type { ArrayPlace, HetPlace, Job } from '../model/job.ts';
import type { World } from '../model/world.ts';
import type { Person } from '../store/store.ts';
import { defaultAccount } from './admission.ts';
import type { Script } from './script.ts';
import type { Wish } from './wish.ts';

/** One component of a submission, with everything around it. */
export interface Submission {
  readonly wish: Wish;
  readonly submitter: Person;
  readonly script: Script;
  readonly command: string;
  readonly cwd: string;
  readonly hetOffset: number | undefined;
  readonly isWrapped: boolean;
}

export interface Placing {
  readonly partitions: readonly string[];
  readonly name: string;
  readonly het: HetPlace | undefined;
}

/** The record that slurmctld makes; it takes the next job id, also for --test-only. */
export function newJob(world: World, submission: Submission, placing: Placing): Job {
  const { wish, submitter, script } = submission;
  const { conf, atUs } = world;
  const id = world.counters.jobId++;
  const workDir = resolve(submission.cwd, wish.workDir ?? '.');
  const fullPriority = world.counters.priority--;
  return {
    id,
    runId: world.counters.runId++,
    array: arrayOf(id, wish.array, conf.maxArraySize),
    het: placing.het,
    spec: {
      name: placing.name,
      user: submitter.name,
      uid: submitter.uid,
      gid: submitter.gid,
      account: wish.account ?? defaultAccount(conf, submitter.name) ?? '',
      qos: wish.qos ?? 'normal',
      partitions: placing.partitions,
      timeLimit: wish.timeLimit,
      minNodes: wish.minNodes,
      maxNodes: wish.maxNodes,
      numTasks: wish.numTasks,
      cpusPerTask: wish.cpusPerTask,
      tasksPerNode: wish.tasksPerNode,
      memPerNode: wish.memPerNode,
      memPerCpu: wish.memPerCpu,
      gpusPerNode: wish.gpusPerNode,
      gpusPerJob: wish.gpusPerJob,
      features: wish.features,
      reqNodes: wish.reqNodes,
      isExclusive: wish.isExclusive,
      isRequeueable: wish.isRequeueable ?? conf.jobRequeue,
      command: submission.command,
      workDir,
      stdOut: absolute(workDir, wish.stdOut),
      stdErr: absolute(workDir, wish.stdErr),
      runSeconds: script.runSeconds,
      runExit: script.runExit,
      trapsUsr1: script.trapsUsr1,
      steps: script.steps,
    },
    state: 'PENDING',
    isConfiguring: false,
    isCompleting: false,
    nodes: [],
    shares: {},
    partition: placing.partitions[0] ?? '',
    reason: reasonOf(wish, atUs),
    priority: wish.isHeld ? 0 : fullPriority,
    fullPriority,
    restarts: 0,
    submitUs: atUs,
    beginUs: wish.beginUs,
    eligibleUs: wish.isHeld ? 0 : Math.max(wish.beginUs, atUs),
    accrueUs: 0,
    schedUs: 0,
    startUs: 0,
    endUs: 0,
    scriptUs: 0,
    exitCode: 0,
    exitSignal: 0,
    cancelledBy: undefined,
    comment: wish.comment,
    adminComment: '',
  };
}

function reasonOf(wish: Wish, atUs: number): string {
  if (wish.isHeld) {
    return 'JobHeldUser';
  }
  return wish.beginUs > atUs ? 'BeginTime' : 'None';
}

function absolute(workDir: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(workDir, path);
}

function arrayOf(id: number, text: string | undefined, sizeMax: number): ArrayPlace | undefined {
  const parsed = text === undefined ? undefined : parseArray(text, sizeMax);
  if (parsed === undefined) {
    return undefined;
  }
  const { tasks, throttle = 0 } = parsed;
  const [first = 0, second = 0] = tasks;
  const step = tasks.length > 1 ? second - first : 1;
  const isEven = tasks.every((task, index) => task === first + index * step);
  return {
    jobId: id,
    tasks,
    isWhole: true,
    throttle,
    count: tasks.length,
    min: first,
    max: tasks.at(-1) ?? 0,
    step: isEven ? step : 1,
  };
}
