import { type JobRunFacts, jobKey, runsByJob } from '../../../core/burst/runs/job-runs.ts';
import { Fault, isRefused, type Refused } from '../../../core/errors.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import type { Money } from '../../../core/money/money.ts';
import { isOver } from '../../../core/slurm/job-state.ts';
import type { Cloud } from '../../../ports/cloud.ts';
import type { QueuedJob } from '../../../ports/slurm.ts';
import type { CostFiles } from '../../../ports/system.ts';
import type { FindHoldPorts } from '../find-hold.ts';
import type { LocalCosts } from './local-costs.ts';

export interface SettlePorts extends FindHoldPorts {
  readonly cloud: Cloud;
  readonly costFiles: CostFiles;
  /** Absent: jobs that no instance tells the cost of keep their holds. */
  readonly local?: LocalCosts | undefined;
}

export type RecoverAction = 'bound' | 'released' | 'reconciled' | 'kept' | 'failed';

/** One hold that the pass looked at closely: a row of `asbb recover`. */
export interface RecoverRow {
  readonly token: string;
  /** `123`, `123_4`, '' without. */
  readonly job: string;
  readonly account: string;
  readonly amount: Money;
  readonly ageSeconds: number;
  readonly action: RecoverAction;
  readonly reason: string;
}

/** What one pass knows: complete listings, in the order queue, then sacct (burst.md 7.9). */
export interface Evidence {
  readonly nowS: number;
  readonly queue: readonly QueuedJob[];
  readonly jobs: ReadonlyMap<string, readonly JobRunFacts[]>;
  /** By the array's job id: the runs of its tasks, as far as they show their own number. */
  readonly tasks: ReadonlyMap<number, readonly JobRunFacts[]>;
}

const MICROS_PER_SECOND = 1_000_000;
/** Listings overlap by that much: clocks of two machines. */
const OVERLAP_SECONDS = 60;

export function nowOf({ clock }: Pick<SettlePorts, 'clock'>): number {
  return Math.floor(clock.nowUs() / MICROS_PER_SECOND);
}

/** A Fault (75) when any listing fails: then nothing is concluded and nothing changed. */
export async function gatherEvidence(ports: SettlePorts): Promise<Evidence> {
  const nowS = nowOf(ports);
  const queue = await ports.slurm.queue();
  const { holds, fleet } = await ports.ledger.read({ holds: { open: {} }, fleet: { open: true } });
  const live = liveKeys(queue);
  const bound = holds.filter(
    ({ jobId, arrayTask, submitS }) =>
      jobId !== undefined && !live.has(`${jobKey({ jobId, arrayTask })} ${submitS}`),
  );
  const begins = [
    ...holds
      .filter(({ jobId }) => jobId === undefined)
      .map(({ createdUs }) => Math.floor(createdUs / MICROS_PER_SECOND)),
    ...fleet.instances.map(({ launchS }) => launchS),
  ];
  const since =
    begins.length === 0 ? [] : await ports.slurm.runsSince(Math.min(...begins) - OVERLAP_SECONDS);
  const ids = [...new Set(bound.flatMap(({ jobId }) => jobId ?? []))];
  const named = ids.length === 0 ? [] : await ports.slurm.runsOf(ids);
  const rows = new Map(
    [...since, ...named].map((row) => [`${row.jobIdText} ${row.submitS} ${row.startS}`, row]),
  );
  const jobs = runsByJob(queue, [...rows.values()]);
  return { nowS, queue, jobs, tasks: tasksOf(jobs) };
}

function tasksOf(jobs: Evidence['jobs']): Evidence['tasks'] {
  const tasks = new Map<number, JobRunFacts[]>();
  for (const fact of [...jobs.values()].flat().filter(({ run }) => run.arrayTask >= 0)) {
    const known = tasks.get(fact.run.jobId);
    if (known === undefined) {
      tasks.set(fact.run.jobId, [fact]);
    } else {
      known.push(fact);
    }
  }
  return tasks;
}

export function tasksOfArray(evidence: Evidence, jobId: number): readonly JobRunFacts[] {
  return evidence.tasks.get(jobId) ?? [];
}

/** Runs that squeue shows; an array as a whole while any of its tasks is there. */
function liveKeys(queue: readonly QueuedJob[]): ReadonlySet<string> {
  return new Set(
    queue
      .filter(({ state }) => !isOver(state))
      .flatMap(({ arrayJobId: jobId, arrayTask, submitS }) => [
        `${jobKey({ jobId, arrayTask: arrayTask ?? -1 })} ${submitS}`,
        `${jobKey({ jobId, arrayTask: -1 })} ${submitS}`,
      ]),
  );
}

export function runsOfJob(
  evidence: Evidence,
  job: { readonly jobId: number; readonly arrayTask: number },
): readonly JobRunFacts[] {
  return evidence.jobs.get(jobKey(job)) ?? [];
}

/** `123`, `123_4`. */
export function jobText(hold: Pick<HoldRow, 'jobId' | 'arrayTask'>): string {
  if (hold.jobId === undefined) {
    return '';
  }
  return hold.arrayTask < 0 ? String(hold.jobId) : `${hold.jobId}_${hold.arrayTask}`;
}

/**
 * One hold's own transaction: a refusal, or a Fault of ours, is reported and the rest go on; what a
 * repeat of the whole pass can heal (75, 22, in doubt) ends it.
 */
export async function tried<T>(
  ports: Pick<SettlePorts, 'log'>,
  token: string,
  act: () => Promise<T | Refused>,
): Promise<T | undefined> {
  try {
    const answer = await act();
    if (!isRefused(answer)) {
      return answer;
    }
    ports.log.write('warn', 'settle_refused', { token, code: answer.code, msg: answer.text });
  } catch (error) {
    if (!(error instanceof Fault) || error.exitCode !== 1 || error.inDoubt) {
      throw error;
    }
    ports.log.write('error', 'settle_failed', { token, msg: error.message });
  }
  return undefined;
}
