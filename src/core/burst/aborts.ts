import type { Settings } from '../config/settings.ts';
import { holdsJob, type LaunchClass } from './errors.ts';
import type { PlanFinding } from './plan/plan.ts';

// What SLURM is told when a gang is given up (burst.md 9.5 steps 3 to 5). Pure: the flow does it.

/**
 * What SLURM has still to be told of a job (burst.md 9.5 steps 4 and 5): written with the abort, gone
 * when it is done, so that a job that is requeued late, or a crash between, loses neither.
 */
export interface Owed {
  readonly code: string;
  readonly sentence: string;
  readonly attempt: number;
  /** Not to start before; absent: `scontrol hold`. */
  readonly untilS?: number | undefined;
}

interface AbortsOfJob {
  /** In a row. */
  readonly count: number;
  /** Of the last one. */
  readonly atS: number;
  readonly owed?: Owed | undefined;
}

/** By job id, kept in the ledger as one note. */
export type Aborts = Readonly<Record<string, AbortsOfJob>>;

const FORGET_AFTER_S = 7 * 86_400;

export function abortsNote(cluster: string): string {
  return `aborts:${cluster}`;
}

export function parseAborts(note: string | undefined): Aborts {
  // Written by this file's users alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as Aborts);
}

export function abortsText(aborts: Aborts): string {
  return JSON.stringify(aborts);
}

/** One more abort for each of the jobs, of which SLURM is owed word; what is a week old is forgotten. */
export function moreAborts(
  aborts: Aborts,
  jobIds: readonly number[],
  nowS: number,
  owedAfter: (count: number) => Owed,
): Aborts {
  const kept = Object.entries(aborts).filter(([, { atS }]) => nowS - atS < FORGET_AFTER_S);
  const more = jobIds.map((jobId): [string, AbortsOfJob] => {
    const count = (aborts[`${jobId}`]?.count ?? 0) + 1;
    return [`${jobId}`, { count, atS: nowS, owed: owedAfter(count) }];
  });
  return Object.fromEntries([...kept, ...more]);
}

/** Nothing is owed for these aborts any more; a later one of the same job is another matter. */
export function withoutOwed(
  aborts: Aborts,
  told: readonly { readonly jobId: number; readonly atS: number }[],
): Aborts {
  const done = new Map(told.map(({ jobId, atS }) => [`${jobId}`, atS]));
  return Object.fromEntries(
    Object.entries(aborts).map(([jobId, each]) => [
      jobId,
      done.get(jobId) === each.atS ? { count: each.count, atS: each.atS } : each,
    ]),
  );
}

/** Jobs of which SLURM is owed word. */
export function owedIn(
  aborts: Aborts,
): readonly { readonly jobId: number; readonly atS: number; readonly owed: Owed }[] {
  return Object.entries(aborts).flatMap(([jobId, { atS, owed }]) =>
    owed === undefined ? [] : [{ jobId: Number(jobId), atS, owed }],
  );
}

/** The same object when none of the jobs had any. */
export function withoutAborts(aborts: Aborts, jobIds: readonly number[]): Aborts {
  const gone = new Set(jobIds.map((jobId) => `${jobId}`));
  const rest = Object.entries(aborts).filter(([jobId]) => !gone.has(jobId));
  return rest.length === Object.keys(aborts).length ? aborts : Object.fromEntries(rest);
}

/** Why a gang is given up: the code that PC-style tools read, its class, one sentence. */
export interface AbortCause {
  readonly code: string;
  /** `funds`, `plan`: our own rules, not EC2's. */
  readonly as: LaunchClass | 'funds' | 'plan' | 'boot' | 'ledger' | 'slurm';
  readonly sentence: string;
  /** When a launch may be tried again, where that is known (the earliest breaker, the API budget). */
  readonly retryAtS?: number | undefined;
  /** Of an execution plan that is refused: everything that was found. */
  readonly findings?: readonly PlanFinding[] | undefined;
}

export type JobFate =
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly seconds: number };

const DELAY_MAX_S = 1800;
const JITTER_S = 15;

/** What becomes of the requeued job; `aborts` counts this one. `chance` is 0 to 1. */
export function jobFate(
  cause: AbortCause,
  aborts: number,
  burst: Pick<Settings['burst'], 'requeue_delay' | 'max_aborts_per_job'>,
  now: { readonly nowS: number; readonly chance: number },
): JobFate {
  if (aborts >= burst.max_aborts_per_job || isHeld(cause, aborts)) {
    return { kind: 'hold' };
  }
  const doubled = burst.requeue_delay * 2 ** Math.min(aborts - 1, DOUBLINGS_MAX);
  const delay = Math.min(doubled, DELAY_MAX_S);
  // Many gangs may wait for one breaker; the budget has told each of them its own time.
  const jitter = cause.as === 'throttle' ? 0 : Math.round(now.chance * JITTER_S);
  const wait = cause.retryAtS === undefined ? 0 : cause.retryAtS - now.nowS + jitter;
  return { kind: 'delay', seconds: Math.max(1, delay, wait) };
}

const DOUBLINGS_MAX = 20;

function isHeld({ as }: AbortCause, aborts: number): boolean {
  switch (as) {
    case 'plan':
    case 'funds':
      return true;
    case 'boot':
    case 'ledger':
    case 'slurm':
      return false;
    default:
      return holdsJob(as, aborts);
  }
}

const UNPRINTABLE = /[^\x20-\x7e]/g;
const REASON_MAX = 200;

/** Reason of the nodes: `(Code:X)asbb: sentence`, one line of ASCII. */
export function nodeReason({ code, sentence }: Pick<AbortCause, 'code' | 'sentence'>): string {
  return `(Code:${code})asbb: ${sentence}`.replaceAll(UNPRINTABLE, '?').slice(0, REASON_MAX);
}

const LAST_WORD = /(?:^| )asbb:last=\S*/g;

interface LastWord {
  readonly code: string;
  readonly atS: number;
  readonly attempt: number;
}

function lastWord({ code, atS, attempt }: LastWord): string {
  return `asbb:last=${code}@${atS}#${attempt}`;
}

/** The job carries the word of this very abort: it has been told already. */
export function hasLastWord(comment: string, last: LastWord): boolean {
  return comment.split(' ').includes(lastWord(last));
}

/** `asbb:hold=…` and all other words stay; `asbb:last=CODE@TIME#attempt` is ours and replaced. */
export function adminCommentAfter(comment: string, last: LastWord): string {
  const kept = comment.replaceAll(LAST_WORD, '').trim();
  return `${kept} ${lastWord(last)}`.trim();
}
