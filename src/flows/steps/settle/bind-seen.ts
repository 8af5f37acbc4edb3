import { livesUntil } from '../../../core/burst/runs/hold-life.ts';
import type { JobRunFacts } from '../../../core/burst/runs/job-runs.ts';
import { isForeign, lookUp, tokenOf } from '../../../core/burst/runs/look-up.ts';
import { bindHold } from '../../../core/ledger/bind-hold.ts';
import type { Run } from '../../../core/ledger/hold-words.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import { SPLIT_TASKS_MAX, splitHold } from '../../../core/ledger/split-hold.ts';
import type { SlurmJob } from '../../../ports/slurm.ts';
import { findHold, runOf } from '../find-hold.ts';
import { placeNextRunHold } from '../next-run-hold.ts';
import { type Evidence, jobText, nowOf, type SettlePorts, tasksOfArray, tried } from './pass.ts';

/** Above that many, all jobs are asked for at once (burst.md 7.9). */
const SINGLE_QUESTIONS_MAX = 50;
const MS_PER_SECOND = 1000;

export interface Sightings {
  /** Users one of whose live jobs could not be read: their unbound holds do not run out now. */
  readonly unread: ReadonlySet<string>;
  /** Raw ids of live burst jobs that certainly carry no hold. */
  readonly without: ReadonlySet<number>;
  readonly bound: number;
}

/** Ties holds without a job to the jobs that carry their token, live ones first (burst.md 7.9). */
export async function bindSeen(ports: SettlePorts, evidence: Evidence): Promise<Sightings> {
  const live = [...evidence.jobs.values()]
    .flat()
    .filter(({ phase, partition }) => phase === 'live' && isBurstPartition(ports, partition));
  const jobIds = [...new Set(live.map(({ run }) => run.jobId))];
  const { holds } = await ports.ledger.read({ holds: { jobIds, children: true } });
  const sightings = await bindLive(ports, live, holds);
  const ended = await bindEnded(ports, evidence);
  const split = await splitSeen(ports, evidence);
  return { ...sightings, bound: sightings.bound + split + ended };
}

function isBurstPartition({ settings }: Pick<SettlePorts, 'settings'>, partition: string): boolean {
  const names = partition.split(',');
  return settings.slurm.partitions.some(({ partition_name: name }) => names.includes(name));
}

/** Live jobs that no hold is bound to: only scontrol knows their AdminComment. */
async function bindLive(
  ports: SettlePorts,
  live: readonly JobRunFacts[],
  holds: readonly HoldRow[],
): Promise<Sightings> {
  const strangers = live.filter(({ run }) => lookUp(holds, run, undefined).kind === 'none');
  const jobs = await shown(ports, [...new Set(strangers.map(({ rawId }) => rawId))]);
  const asked = new Set<SlurmJob>();
  const unread = new Set<string>();
  const without = new Set<number>();
  let bound = 0;
  for (const fact of strangers) {
    const job = jobs.find((each) => fits(each, fact));
    if (job === undefined) {
      unread.add(fact.userName);
    } else if (!asked.has(job)) {
      // All waiting tasks of an array are one line of scontrol.
      asked.add(job);
      const isBound = await bindJob(ports, job, fact);
      bound += isBound ? 1 : 0;
      without.add(isBound ? 0 : fact.rawId);
    }
  }
  return { unread, without, bound };
}

async function bindJob(ports: SettlePorts, job: SlurmJob, fact: JobRunFacts): Promise<boolean> {
  if (tokenOf(job.adminComment) === undefined) {
    return false;
  }
  // A task that waits for its first run stays under the array's hold.
  const isRest = job.arrayJobId !== undefined && fact.nodeList === '' && job.restarts === 0;
  const found = await findHold(ports, isRest ? { ...job, arrayTaskId: undefined } : job);
  if (found.kind !== 'due' || found.after === undefined || isWaiting(fact)) {
    return found.kind === 'open';
  }
  // Its hold ran out before anybody saw the job; a job that still waits gets one at resume.
  const { after, run } = found;
  const placed = await tried(ports, after.token, () =>
    placeNextRunHold(ports, { job, run, after }),
  );
  return placed !== undefined;
}

function isWaiting({ state }: JobRunFacts): boolean {
  return state === 'PENDING' || state === 'CONFIGURING';
}

async function shown(ports: SettlePorts, ids: readonly number[]): Promise<readonly SlurmJob[]> {
  if (ids.length > SINGLE_QUESTIONS_MAX) {
    return await ports.slurm.allJobs();
  }
  const jobs: SlurmJob[] = [];
  for (const id of ids) {
    jobs.push(...(await ports.slurm.job(id)));
  }
  return jobs;
}

/** A name can be made to look like another job's record; squeue prints no text of users. */
function fits(job: SlurmJob, { run, rawId, userName, nodeList }: JobRunFacts): boolean {
  const own = runOf(job);
  const isTask = own.arrayTask === run.arrayTask || (own.arrayTask < 0 && nodeList === '');
  return (
    isTask &&
    job.jobId === rawId &&
    job.userName === userName &&
    own.jobId === run.jobId &&
    own.submitS === run.submitS
  );
}

/** Tasks that have, or had, nodes of their own under an array's hold that is bound. */
async function splitSeen(ports: SettlePorts, evidence: Evidence): Promise<number> {
  const open = await ports.ledger.read({ holds: { open: {} } });
  const arrays = open.holds.filter(({ jobId, arrayTask }) => jobId !== undefined && arrayTask < 0);
  const jobIds = arrays.flatMap(({ jobId }) => jobId ?? []);
  const { holds } = await ports.ledger.read({ holds: { jobIds } });
  let count = 0;
  for (const array of arrays) {
    const runs = array.jobId === undefined ? [] : tasksOfArray(evidence, array.jobId);
    count += await splitTasks(ports, array, unsplit(runs, holds));
  }
  return count;
}

/** The first run with nodes of each task that has no hold of its own. */
function unsplit(runs: readonly JobRunFacts[], holds: readonly HoldRow[]): readonly JobRunFacts[] {
  const own = runs.filter(
    ({ run, nodeList, phase }) =>
      nodeList !== '' &&
      phase !== 'unclear' &&
      !holds.some((hold) => hold.jobId === run.jobId && hold.arrayTask === run.arrayTask),
  );
  return [...new Map(own.toReversed().map((fact) => [fact.run.arrayTask, fact])).values()];
}

/** At most 500 tasks in one transaction (reliability.md 1.1). */
async function splitTasks(
  ports: SettlePorts,
  array: HoldRow,
  tasks: readonly JobRunFacts[],
): Promise<number> {
  let count = 0;
  for (let at = 0; at < tasks.length; at += SPLIT_TASKS_MAX) {
    const part = tasks.slice(at, at + SPLIT_TASKS_MAX);
    const answer = await tried(ports, array.token, () =>
      ports.ledger.decide(
        {
          scope: ports.settings.slurm.cluster_name,
          verb: 'split',
          args: { token: array.token, tasks: part.map(({ run }) => run.arrayTask) },
        },
        {
          holds: {
            tokens: [array.token],
            jobIds: part[0] === undefined ? [] : [part[0].run.jobId],
            children: true,
          },
        },
        (view) =>
          splitHold(view, {
            token: array.token,
            tasks: part.map((task) => ({ ...task.run, expiresS: lifeOfRun(ports, task) })),
          }),
      ),
    );
    count += answer === undefined ? 0 : part.length;
  }
  return count;
}

export function lifeOfRun(
  ports: Pick<SettlePorts, 'clock' | 'settings'>,
  fact: Pick<JobRunFacts, 'state' | 'startS' | 'timeLimitSeconds'>,
): number {
  return livesUntil({
    nowS: nowOf(ports),
    isPending: fact.state === 'PENDING',
    startS: fact.startS,
    timeLimitSeconds: fact.timeLimitSeconds,
    graceSeconds: Math.ceil(ports.settings.budget.evidence_grace / MS_PER_SECOND),
  });
}

/** Runs that are over show their AdminComment in sacct: jobs whose epilog never came. */
async function bindEnded(ports: SettlePorts, evidence: Evidence): Promise<number> {
  const { holds } = await ports.ledger.read({ holds: { open: {} } });
  const byToken = new Map(holds.map((hold) => [hold.token, hold]));
  let count = 0;
  for (const [token, runs] of carriers(evidence)) {
    const hold = byToken.get(token);
    const own = hold === undefined ? [] : runs.filter((fact) => belongs(ports, hold, fact));
    if (hold !== undefined && own.length > 0) {
      count += await bindToEnded(ports, hold, own);
    }
  }
  return count;
}

/** By token, every run of the jobs that carry it, oldest first. */
function carriers(evidence: Evidence): ReadonlyMap<string, readonly JobRunFacts[]> {
  const byToken = new Map<string, JobRunFacts[]>();
  for (const runs of evidence.jobs.values()) {
    for (const fact of runs) {
      const token = tokenOf(fact.adminComment);
      if (token !== undefined) {
        byToken.set(token, [...(byToken.get(token) ?? []), fact]);
      }
    }
  }
  return byToken;
}

function belongs(ports: SettlePorts, hold: HoldRow, fact: JobRunFacts): boolean {
  const isOther = isForeign(hold, fact.run, fact.userName);
  if (isOther) {
    ports.log.write('warn', 'hold_foreign', { token: hold.token, job_id: jobText(fact.run) });
  }
  return !isOther;
}

async function bindToEnded(
  ports: SettlePorts,
  hold: HoldRow,
  runs: readonly JobRunFacts[],
): Promise<number> {
  const [first] = runs;
  if (first === undefined) {
    return 0;
  }
  const isArray = runs.some(({ run, tasks }) => run.arrayTask >= 0 || tasks > 1);
  return hold.jobId === undefined
    ? await bindTo(ports, hold, isArray ? { ...first.run, arrayTask: -1, restart: 0 } : first.run)
    : 0;
}

async function bindTo(ports: SettlePorts, hold: HoldRow, run: Run): Promise<number> {
  const { jobId, arrayTask, submitS, restart } = run;
  const answer = await tried(ports, hold.token, () =>
    ports.ledger.decide(
      {
        scope: ports.settings.slurm.cluster_name,
        verb: 'bind',
        args: { token: hold.token, jobId, arrayTask, submitS, restart },
      },
      { holds: { tokens: [hold.token], jobIds: [jobId] } },
      (view) => bindHold(view, { token: hold.token, run, expiresS: hold.expiresS }),
    ),
  );
  return answer === undefined ? 0 : 1;
}
