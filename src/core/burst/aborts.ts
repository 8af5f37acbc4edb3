import type { Settings } from '../config/settings.ts';
import { holdsJob, type LaunchClass } from './errors.ts';
import type { PlanFinding } from './plan/plan.ts';

// What SLURM is told when a gang is given up (burst.md 9.5 steps 3 to 5). Pure: the flow does it.

/** Aborts in a row by job id, kept in the ledger as one note. */
export type Aborts = Readonly<Record<string, { readonly count: number; readonly atS: number }>>;

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

/** One more abort for each of the jobs; what is a week old is forgotten. */
export function moreAborts(aborts: Aborts, jobIds: readonly number[], nowS: number): Aborts {
  const kept = Object.entries(aborts).filter(([, { atS }]) => nowS - atS < FORGET_AFTER_S);
  const more = jobIds.map((jobId) => [
    `${jobId}`,
    { count: (aborts[`${jobId}`]?.count ?? 0) + 1, atS: nowS },
  ]);
  return Object.fromEntries([...kept, ...more]);
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

/** `asbb:hold=…` and all other words stay; `asbb:last=CODE@TIME#attempt` is ours and replaced. */
export function adminCommentAfter(
  comment: string,
  last: { readonly code: string; readonly atS: number; readonly attempt: number },
): string {
  const kept = comment.replaceAll(LAST_WORD, '').trim();
  return `${kept} asbb:last=${last.code}@${last.atS}#${last.attempt}`.trim();
}
