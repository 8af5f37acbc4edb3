import { compressNodelist, expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import { type Cluster, look } from '../cluster.ts';
import { Complaint, unsupported } from '../complaint.ts';
import { compactState, cpusOf, isOver, type Job, stateOfWord, stateText } from '../model/job.ts';
import { timeLimitOf } from '../model/limits.ts';
import { neededCpus, neededNodes } from '../model/needs.ts';
import { runIdText } from '../model/run.ts';
import type { World } from '../model/world.ts';
import { byText } from '../names.ts';
import { type Given, type Option, parseOptions } from '../options.ts';
import { isForgotten } from '../store/world-store.ts';
import { seconds, shortDuration, showTime } from '../times.ts';
import { headingLine, type Letters, line, parseFormat } from './columns.ts';
import { displayedStartUs } from './job-times.ts';

const OPTIONS: readonly Option[] = [
  { name: 'noheader', letter: 'h', takes: 'nothing' },
  { name: 'array', letter: 'r', takes: 'nothing' },
  { name: 'states', letter: 't', takes: 'value' },
  { name: 'format', letter: 'o', takes: 'value' },
  { name: 'nodelist', letter: 'w', takes: 'value' },
  { name: 'jobs', letter: 'j', takes: 'value' },
  { name: 'user', letter: 'u', takes: 'value' },
  { name: 'partition', letter: 'p', takes: 'value' },
  { name: 'name', letter: 'n', takes: 'value' },
  { name: 'account', letter: 'A', takes: 'value' },
  { name: 'me', takes: 'nothing' },
];

const DEFAULT_FORMAT = '%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R';
const DEFAULT_STATES = new Set(['PENDING', 'CONFIGURING', 'RUNNING', 'COMPLETING']);

/** One line: a job, a component, or a task of an array that is shown task by task. */
interface Row {
  readonly job: Job;
  readonly task: number | undefined;
  readonly world: World;
  readonly nowUs: number;
}

const LETTERS: Letters<Row> = {
  A: { heading: 'JOBID', text: ({ job }) => `${job.id}` },
  C: { heading: 'CPUS', text: ({ job, world }) => `${cpusOf(job) || neededCpus(world, job)}` },
  D: {
    heading: 'NODES',
    text: ({ job, world }) => `${job.nodes.length || neededNodes(world, job)}`,
  },
  F: { heading: 'ARRAY_JOB_ID', text: ({ job }) => `${job.array?.jobId ?? job.id}` },
  K: { heading: 'ARRAY_TASK_ID', text: taskOf },
  M: { heading: 'TIME', text: elapsed },
  N: { heading: 'NODELIST', text: ({ job }) => nodesShown(job) },
  P: { heading: 'PARTITION', text: partitionShown },
  R: { heading: 'NODELIST(REASON)', text: ({ job }) => nodesShown(job) || `(${job.reason})` },
  S: {
    heading: 'START_TIME',
    text: ({ job, nowUs }) => showTime(displayedStartUs(job, nowUs), 'N/A'),
  },
  T: { heading: 'STATE', text: ({ job }) => stateText(job) },
  V: { heading: 'SUBMIT_TIME', text: ({ job }) => showTime(job.submitUs) },
  a: { heading: 'ACCOUNT', text: ({ job }) => job.spec.account },
  i: { heading: 'JOBID', text: idOf },
  j: { heading: 'NAME', text: ({ job }) => job.spec.name },
  l: { heading: 'TIME_LIMIT', text: limit },
  r: { heading: 'REASON', text: ({ job }) => job.reason },
  t: { heading: 'ST', text: ({ job }) => compactState(job) },
  u: { heading: 'USER', text: ({ job }) => job.spec.user },
};

export function squeue(cluster: Cluster, args: readonly string[]): string {
  const given = parseOptions('squeue', args, OPTIONS);
  if (given.words.length > 0) {
    throw unsupported(`squeue ${given.words.join(' ')}`);
  }
  const fields = parseFormat('squeue', given.options.get('format') ?? DEFAULT_FORMAT, LETTERS);
  return look(cluster, (world, nowUs) => {
    const rows = select(cluster, given, world, nowUs).toSorted(byPartitionStatePriority);
    const heading = given.options.has('noheader') ? [] : [headingLine(fields)];
    return [...heading, ...rows.map((row) => line(fields, row)), ''].join('\n');
  });
}

function select(cluster: Cluster, given: Given, world: World, nowUs: number): readonly Row[] {
  const keep = filters(cluster, given, world);
  const byTask = given.options.has('array');
  return [...world.jobs.values()]
    .filter((job) => !isForgotten(world, job, nowUs) && keep.every((test) => test(job)))
    .flatMap((job) => {
      const tasks = byTask && job.array?.isWhole === true ? job.array.tasks : [undefined];
      return tasks.map((task) => ({ job, task, world, nowUs }));
    });
}

type Test = (job: Job) => boolean;

function filters(cluster: Cluster, { options }: Given, world: World): readonly Test[] {
  const states = statesOf(options.get('states'));
  const tests: Test[] = [(job) => states === 'all' || states.has(stateText(job))];
  const ids = idsOf(options.get('jobs'));
  if (ids !== undefined) {
    tests.push(
      (job) => ids.has(job.id) || ids.has(job.array?.jobId ?? 0) || ids.has(job.het?.jobId ?? 0),
    );
  }
  const nodes = nodesOf(options.get('nodelist'), world);
  if (nodes !== undefined) {
    tests.push((job) => !isOver(job) && job.nodes.some((name) => nodes.has(name)));
  }
  const users = options.has('me') ? cluster.user : options.get('user');
  const lists: readonly (readonly [string | undefined, (job: Job) => string])[] = [
    [users, (job) => job.spec.user],
    [options.get('partition'), (job) => job.partition],
    [options.get('name'), (job) => job.spec.name],
    [options.get('account'), (job) => job.spec.account],
  ];
  for (const [list, text] of lists) {
    if (list !== undefined) {
      const wanted = new Set(list.split(','));
      tests.push((job) => wanted.has(text(job)));
    }
  }
  return tests;
}

function statesOf(text: string | undefined): 'all' | ReadonlySet<string> {
  if (text === undefined) {
    return DEFAULT_STATES;
  }
  if (text.toLowerCase() === 'all') {
    return 'all';
  }
  return new Set(
    text.split(',').map((word) => {
      const state = stateOfWord(word);
      if (state === undefined) {
        throw unsupported(`squeue -t ${word}`);
      }
      return state;
    }),
  );
}

const ID = /^[0-9]{1,10}$/;

function idsOf(text: string | undefined): ReadonlySet<number> | undefined {
  if (text === undefined) {
    return undefined;
  }
  return new Set(
    text.split(',').map((id) => {
      if (!ID.test(id)) {
        throw unsupported(`squeue -j ${id}`);
      }
      return Number(id);
    }),
  );
}

function nodesOf(list: string | undefined, world: World): ReadonlySet<string> | undefined {
  if (list === undefined) {
    return undefined;
  }
  const names = expandNodelist(list);
  const unknown = isNodelistError(names) ? list : names.find((name) => !world.nodes.has(name));
  if (unknown !== undefined || isNodelistError(names)) {
    throw new Complaint(`squeue: error: Invalid node name ${unknown}`);
  }
  return new Set(names);
}

/** SLURM's default order. */
function byPartitionStatePriority(a: Row, b: Row): number {
  return (
    byText(a.job.partition, b.job.partition) ||
    byText(compactState(a.job), compactState(b.job)) ||
    b.job.priority - a.job.priority ||
    b.job.id - a.job.id ||
    (a.task ?? 0) - (b.task ?? 0)
  );
}

function taskOf({ job, task }: Row): string {
  const { array } = job;
  if (array === undefined) {
    return 'N/A';
  }
  return `${task ?? (array.isWhole ? array.tasks.join(',') : array.tasks[0])}`;
}

function idOf({ job, task }: Row): string {
  return task === undefined ? runIdText(job) : `${job.array?.jobId}_${task}`;
}

function nodesShown(job: Job): string {
  return job.isCompleting ? '' : compressNodelist(job.nodes);
}

function partitionShown({ job }: Row): string {
  return job.state === 'PENDING' ? job.spec.partitions.join(',') : job.partition;
}

function limit({ job, world }: Row): string {
  const minutes = timeLimitOf(world, job);
  return minutes === 'UNLIMITED' ? minutes : shortDuration(minutes * 60);
}

function elapsed({ job, nowUs }: Row): string {
  if (job.state === 'PENDING' || job.startUs === 0) {
    return '0:00';
  }
  return shortDuration(seconds(isOver(job) ? job.endUs : nowUs) - seconds(job.startUs));
}
