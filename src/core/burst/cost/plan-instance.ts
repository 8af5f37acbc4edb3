import type { HoldRow, InstanceRow, IntentRow } from '../../ledger/rows.ts';
import { chainOf, holdOfRun } from '../runs/hold-runs.ts';
import type { Allocation, JobRunFacts } from '../runs/job-runs.ts';
import type { RunNote } from '../runs/run-note.ts';
import type { NodeLife, NodeRun, Payer } from './stretches.ts';

/** A run and one of its allocations that has the node. */
export interface RunOnNode {
  readonly fact: JobRunFacts;
  readonly allocation: Allocation;
}

/** Facts about who may pay, loaded once for a batch of instances. */
export interface PayerFacts {
  /** Of the jobs that had the nodes and of the intents, with the children of arrays. */
  readonly holds: readonly HoldRow[];
  /** By token: what epilog saw. */
  readonly notes: ReadonlyMap<string, RunNote>;
  /** Budget of a SLURM account, for jobs that ran without a hold. */
  readonly budgetOf: (slurmAccount: string) => number | undefined;
  readonly pool: Payer;
  readonly idle: 'job' | 'pool' | 'none';
  readonly abortedAttempts: 'job' | 'site';
}

export interface InstanceOfNode {
  readonly instance: InstanceRow;
  readonly intent: IntentRow;
  readonly runs: readonly RunOnNode[];
  readonly partition: string;
  readonly isExclusive: boolean;
}

/** Everything that decides who pays for an instance (burst.md 8.3). */
export function lifeOf(at: InstanceOfNode, facts: PayerFacts): NodeLife {
  const { instance, isExclusive } = at;
  const runs = at.runs.map((run) => nodeRun(at, run, facts));
  const hasRun = runs.some(({ startS }) => startS >= instance.launchS);
  const isSites = at.intent.aborted && facts.abortedAttempts === 'site' && !hasRun;
  return {
    launchS: instance.launchS,
    endS: instance.endS === undefined ? undefined : Math.max(instance.launchS, instance.endS),
    cause: isSites ? NOBODY : causeOf(at, facts),
    idle: idleOf(facts),
    runs,
    isExclusive,
  };
}

const NOBODY: Payer = { kind: 'nobody' };

function idleOf({ idle, pool }: PayerFacts): Payer | undefined {
  switch (idle) {
    case 'job':
      return undefined;
    case 'pool':
      return pool;
    case 'none':
      return NOBODY;
  }
}

function nodeRun(at: InstanceOfNode, { fact, allocation }: RunOnNode, facts: PayerFacts): NodeRun {
  const hold = holdOf(fact, facts.holds);
  const note = hold === undefined ? undefined : facts.notes.get(hold.token);
  const isNoted = note?.submitS === fact.run.submitS;
  const ownEnd = fact.phase === 'over' ? allocation.endS : undefined;
  const isLast = fact.allocations.at(-1) === allocation;
  const share = Math.round(allocation.cpus / Math.max(1, allocation.nodes));
  return {
    jobId: fact.rawId,
    startS: allocation.startS,
    endS: isNoted && isLast ? (note.endS ?? ownEnd) : ownEnd,
    cpus: (isNoted ? note.cpusOnNode[at.instance.node] : undefined) ?? share,
    payer: hold === undefined ? withoutHold(fact, facts) : payerOfHold(hold, fact.rawId),
  };
}

/** The hold that a run's cost belongs to, open or ended. */
export function holdOf(fact: JobRunFacts, holds: readonly HoldRow[]): HoldRow | undefined {
  return holdOfRun(chainOf(holds, fact.run), fact.run.submitS);
}

function payerOfHold(hold: HoldRow, jobId: number): Payer {
  return { kind: 'hold', holdId: hold.holdId, jobId };
}

/** A job that ran unchecked, or whose account had no money for a further hold: its account pays late. */
function withoutHold(fact: JobRunFacts, facts: PayerFacts): Payer {
  const { run, partition, account, rawId: jobId } = fact;
  const budgetId = facts.budgetOf(account);
  const job = run.arrayTask < 0 ? `${run.jobId}` : `${run.jobId}_${run.arrayTask}`;
  const key = `late:${job}:${run.submitS}:${run.restart}`;
  return budgetId === undefined ? NOBODY : { kind: 'budget', budgetId, jobId, partition, key };
}

/** The job that caused the launch; of a batch for an array's tasks the one that got this node. */
function causeOf(at: InstanceOfNode, facts: PayerFacts): Payer {
  const hold = facts.holds.find(({ holdId }) => holdId === at.intent.holdId);
  if (hold === undefined) {
    return facts.pool;
  }
  const isArray = hold.tasks !== 1 || facts.holds.some(({ parentId }) => parentId === hold.holdId);
  if (!isArray) {
    return payerOfHold(hold, hold.jobId ?? 0);
  }
  const task = taskOn(at, hold, facts.holds);
  const { budgetId, token, partition } = hold;
  return task === undefined
    ? { kind: 'budget', budgetId, jobId: hold.jobId ?? 0, partition, key: `late:${token}` }
    : payerOfHold(task, task.jobId ?? 0);
}

/** First who ran on it, else whose attempt was waiting for it when it was launched. */
function taskOn(
  at: InstanceOfNode,
  array: HoldRow,
  holds: readonly HoldRow[],
): HoldRow | undefined {
  const { launchS, endS } = at.instance;
  const own = at.runs
    .filter(({ fact, allocation }) => {
      const untilS = endS ?? Number.POSITIVE_INFINITY;
      const isHere = allocation.startS < untilS && (allocation.endS ?? untilS) >= launchS;
      return isHere && fact.run.jobId === array.jobId;
    })
    .toSorted((a, b) => rank(a, launchS) - rank(b, launchS));
  return own.map(({ fact }) => holdOf(fact, holds)).find((hold) => hold !== undefined);
}

/** Runs that started on it by their start, then attempts that waited for it, the latest first. */
function rank({ allocation }: RunOnNode, launchS: number): number {
  const after = allocation.startS - launchS;
  return after >= 0 ? after : 1e10 - after;
}
