import {
  abortsNote,
  adminCommentAfter,
  hasLastWord,
  type Owed,
  owedIn,
  parseAborts,
} from '../../core/burst/aborts.ts';
import { recordTold } from '../../core/burst/record-abort.ts';
import { Fault } from '../../core/errors.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';
import { deadlineIn, pause } from './deadline.ts';
import { note } from './decide-burst.ts';
import { inParallel } from './parallel.ts';

const POLL_MS = 500;
const JOBS_AT_ONCE = 8;

interface Debt {
  readonly jobId: number;
  /** Of the abort. */
  readonly atS: number;
  readonly owed: Owed;
}

/**
 * Comment and delay of jobs whose gang was given up (burst.md 9.5 steps 4 and 5), as the ledger keeps
 * them since the abort: an update of a job that is pending again; a job that ended, or has started
 * anew, is left alone. One that is not requeued within `waitMs` is left to the next run.
 */
export async function tellJobs(
  ports: BurstPorts,
  {
    jobIds,
    waitMs,
  }: {
    /** Absent: every job that is owed word. */
    readonly jobIds?: readonly number[];
    readonly waitMs: number;
  },
): Promise<void> {
  const name = abortsNote(ports.settings.slurm.cluster_name);
  const view = await ports.ledger.read({ notes: [name] });
  const debts = owedIn(parseAborts(view.notes[name])).filter(
    ({ jobId }) => jobIds?.includes(jobId) !== false,
  );
  const told = await inParallel(debts, JOBS_AT_ONCE, (debt) => tell(debt, waitMs, ports));
  const done = debts.filter((_, at) => told[at] === true);
  if (done.length > 0) {
    const args = { jobs: done.map(({ jobId }) => jobId) };
    await note(ports, { verb: 'abort told', args }, { notes: [name] }, (now) =>
      recordTold(now, done),
    );
  }
}

/** True: nothing is owed any more. */
async function tell(debt: Debt, waitMs: number, ports: BurstPorts): Promise<boolean> {
  try {
    const job = await requeued(debt, waitMs, ports);
    if (job === 'later') {
      return false;
    }
    if (job !== undefined && !hasLastWord(job.adminComment, wordOf(debt))) {
      await explain(job, debt, ports);
    }
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('warn', 'abort_explain_failed', { job_id: debt.jobId, msg: error.message });
    return false;
  }
}

/** Pending again; undefined: it has ended, or is on its way anew. */
async function requeued(
  debt: Debt,
  waitMs: number,
  ports: BurstPorts,
): Promise<SlurmJob | 'later' | undefined> {
  const deadline = deadlineIn(ports, waitMs);
  for (;;) {
    const job = (await ports.slurm.job(debt.jobId)).find((each) => each.jobId === debt.jobId);
    if (job?.state === 'PENDING') {
      return job;
    }
    if (job === undefined || !mayComeBack(job, debt)) {
      // Interactive, or not to be requeued: it has ended with its nodes (burst.md 7.4).
      ports.log.write('warn', 'job_not_requeued', { job_id: debt.jobId, state: job?.state });
      return undefined;
    }
    if (!(await pause(ports, POLL_MS, deadline))) {
      return 'later';
    }
  }
}

const GOING_BACK: ReadonlySet<string> = new Set([
  'CONFIGURING',
  'RUNNING',
  'COMPLETING',
  'REQUEUED',
]);

function mayComeBack({ state, startS = 0 }: SlurmJob, { atS }: Debt): boolean {
  return GOING_BACK.has(state) && startS <= atS;
}

function wordOf({ owed, atS }: Debt): Parameters<typeof hasLastWord>[1] {
  return { code: owed.code, attempt: owed.attempt, atS };
}

/** The word comes last: it says that all of this has been done. */
async function explain(job: SlurmJob, debt: Debt, ports: BurstPorts): Promise<void> {
  const { sentence, untilS } = debt.owed;
  const seconds = untilS === undefined ? undefined : Math.max(1, untilS - nowS(ports));
  if (seconds === undefined) {
    await ports.slurm.holdJob(job.jobId);
  }
  await ports.slurm.updateJob(job.jobId, {
    adminComment: adminCommentAfter(job.adminComment, wordOf(debt)),
    ...(job.comment === '' ? { comment: `asbb: ${sentence}` } : {}),
    ...(seconds === undefined ? {} : { startInSeconds: seconds }),
  });
  ports.log.write('info', 'job_delayed', {
    job_id: job.jobId,
    fate: seconds === undefined ? 'hold' : 'delay',
    seconds,
  });
}
