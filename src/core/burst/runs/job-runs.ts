import type { Run } from '../../ledger/hold-words.ts';
import { parseArray } from '../../slurm/array.ts';
import { isOver } from '../../slurm/job-state.ts';

/** A line of sacct -X -D (ports/slurm.ts JobRun), as far as settling needs it. */
export interface AccountedRun {
  readonly jobIdText: string;
  readonly jobIdRaw: number;
  readonly arrayJobId: number | undefined;
  readonly arrayTask: number | undefined;
  readonly account: string;
  readonly userName: string;
  readonly partition: string;
  readonly state: string;
  readonly exitCode: string;
  readonly submitS: number;
  readonly startS: number | undefined;
  readonly endS: number | undefined;
  readonly timeLimitSeconds: number | undefined;
  readonly nodes: number;
  readonly cpus: number;
  readonly nodeList: string;
  /** `cpu=8,mem=16G,gres/gpu=4`; absent or '': nothing was allocated. */
  readonly allocTres?: string | undefined;
  readonly adminComment: string;
}

/** A line of squeue -r -t all (ports/slurm.ts QueuedJob). */
export interface QueuedRun {
  readonly jobId: number;
  readonly arrayJobId: number;
  readonly arrayTask: number | undefined;
  readonly account: string;
  readonly userName: string;
  readonly partition: string;
  readonly state: string;
  readonly submitS: number;
  readonly startS: number | undefined;
  readonly timeLimitSeconds: number | undefined;
  readonly nodes: number;
  readonly cpus: number;
  readonly nodeList: string;
}

/** Nodes that a run had for a time; a resized run has several. */
export interface Allocation {
  readonly nodeList: string;
  readonly startS: number;
  readonly endS: number | undefined;
  readonly nodes: number;
  readonly cpus: number;
}

/**
 * One run of one job: a submission and what came of it. `live`: SLURM has it; `over`: SLURM says that
 * it ended; `unclear`: the listings contradict each other or lag, nothing is concluded from it.
 */
export interface JobRunFacts {
  readonly rawId: number;
  /** restart: its place among the runs that are listed, 0 for the first of them. */
  readonly run: Run;
  readonly phase: 'live' | 'over' | 'unclear';
  readonly state: string;
  readonly exitCode: string;
  readonly account: string;
  readonly userName: string;
  readonly partition: string;
  readonly startS: number | undefined;
  readonly endS: number | undefined;
  readonly timeLimitSeconds: number | undefined;
  /** '' when nodes were never assigned. */
  readonly nodeList: string;
  readonly allocations: readonly Allocation[];
  /** Of its last allocation, as sacct writes it; '' where it is not known. */
  readonly allocTres?: string | undefined;
  readonly adminComment: string;
  /** Of the waiting rest of an array (`12_[4-7%2]`): its tasks; else 1. */
  readonly tasks: number;
}

/** `<job id>_<task>`, task -1 for jobs and for an array as a whole. */
export function jobKey(job: Pick<Run, 'jobId' | 'arrayTask'>): string {
  return `${job.jobId}_${job.arrayTask}`;
}

const REST = /_\[([^\]]*)\]$/;
const NOT_STARTED: ReadonlySet<string> = new Set(['PENDING', 'CONFIGURING']);

/** Runs by job, oldest first. Both listings must be complete; the queue was asked first. */
export function runsByJob(
  queue: readonly QueuedRun[],
  accounted: readonly AccountedRun[],
): ReadonlyMap<string, readonly JobRunFacts[]> {
  const rows = groupBy(accounted, (row) => `${keyOfRow(row)} ${row.submitS}`);
  const lines = new Map(queue.map((line) => [`${keyOfLine(line)} ${line.submitS}`, line]));
  const facts = [
    ...[...rows].map(([name, group]) => ofRows(group, lines.get(name))),
    ...[...lines].filter(([name]) => !rows.has(name)).map(([, line]) => ofLine(line)),
  ].filter((fact) => fact !== undefined);
  const byJob = groupBy(facts, ({ run }) => jobKey(run));
  return new Map([...byJob].map(([key, runs]) => [key, numbered(runs)]));
}

function numbered(runs: readonly JobRunFacts[]): readonly JobRunFacts[] {
  return runs
    .toSorted((a, b) => a.run.submitS - b.run.submitS)
    .map((fact, restart) => ({ ...fact, run: { ...fact.run, restart } }));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) {
      groups.set(keyOf(item), [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}

function keyOfRow(row: AccountedRun): string {
  return jobKey({ jobId: row.arrayJobId ?? row.jobIdRaw, arrayTask: row.arrayTask ?? -1 });
}

function keyOfLine(line: QueuedRun): string {
  return jobKey({ jobId: line.arrayJobId, arrayTask: line.arrayTask ?? -1 });
}

function ofRows(
  rows: readonly AccountedRun[],
  line: QueuedRun | undefined,
): JobRunFacts | undefined {
  const last = rows.at(-1);
  if (last === undefined) {
    return undefined;
  }
  const { account, userName, partition, state, exitCode, nodeList, adminComment } = last;
  const allocTres = rows.findLast((row) => (row.allocTres ?? '') !== '')?.allocTres;
  return {
    rawId: last.jobIdRaw,
    run: {
      jobId: last.arrayJobId ?? last.jobIdRaw,
      arrayTask: last.arrayTask ?? -1,
      submitS: last.submitS,
      restart: 0,
    },
    phase: phaseOf(state, line),
    state: line !== undefined && !isOver(line.state) ? line.state : state,
    exitCode,
    account,
    userName,
    partition,
    startS: rows[0]?.startS,
    endS: last.endS,
    timeLimitSeconds: last.timeLimitSeconds,
    nodeList,
    allocations: rows.flatMap(allocationOf),
    allocTres,
    adminComment,
    tasks: tasksOf(last.jobIdText),
  };
}

function tasksOf(jobIdText: string): number {
  const rest = REST.exec(jobIdText)?.[1];
  return rest === undefined ? 1 : (parseArray(rest)?.tasks.length ?? 1);
}

/** A row that sacct has ended while squeue still completes it is live: sacct may be told again. */
function phaseOf(state: string, line: QueuedRun | undefined): JobRunFacts['phase'] {
  if (line !== undefined && !isOver(line.state)) {
    return 'live';
  }
  return isOver(state) ? 'over' : 'unclear';
}

function allocationOf(row: AccountedRun): readonly Allocation[] {
  const { nodeList, startS, endS, nodes, cpus } = row;
  return nodeList === '' || startS === undefined ? [] : [{ nodeList, startS, endS, nodes, cpus }];
}

/** Not in sacct: pending, or just started, or ended a moment ago. */
function ofLine(line: QueuedRun): JobRunFacts {
  const { account, userName, partition, state, startS, timeLimitSeconds, nodeList } = line;
  const { nodes, cpus } = line;
  const isRunning = !(NOT_STARTED.has(state) || isOver(state)) && nodeList !== '';
  return {
    rawId: line.jobId,
    run: {
      jobId: line.arrayJobId,
      arrayTask: line.arrayTask ?? -1,
      submitS: line.submitS,
      restart: 0,
    },
    phase: isOver(state) ? 'unclear' : 'live',
    state,
    exitCode: '',
    account,
    userName,
    partition,
    startS,
    endS: undefined,
    timeLimitSeconds,
    nodeList,
    allocations:
      isRunning && startS !== undefined ? [{ nodeList, startS, endS: undefined, nodes, cpus }] : [],
    adminComment: '',
    tasks: 1,
  };
}
