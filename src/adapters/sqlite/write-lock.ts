import type { Identity } from './inspect.ts';
import type { Statements } from './statements.ts';
import { openQueue } from './write-queue.ts';

// SQLite's own busy handler sleeps longer the longer it has waited, so whoever came last wins and the
// first may starve. Measured with 64 processes on 2 cores, 1,600 transactions, a limit of 1.5 s (median,
// 99 %, lost): its handler 35 ms, 1,600 ms, 52–83; polling as below 22 ms, 1,300 ms, 2–6; in the kernel's
// queue 400 ms, 740 ms, none.

const YOUNG_MS = 20;
const OLD_MS = 1000;
const FIRST_PAUSE_MS = 2;
const LONG_PAUSE_MS = 80;
const OLD_PAUSE_MS = 10;
/** Of the head of the queue, who alone asks for the lock. */
const HEAD_PAUSE_MS = 1;
/** Part of the waiting time spent in the queue: a stopped head of it must not keep others out. */
const QUEUE_PART = 0.7;
const QUEUE_MS_MAX = 5000;

export interface Patience {
  readonly waitMs: number;
  /** Of the ledger's file: names the queue. */
  readonly identity: Identity;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** Short at first, since most locks are held for a millisecond; then long, and shorter with age. */
function pauseMs(waitedMs: number): number {
  const age = Math.min(1, waitedMs / OLD_MS);
  const aged = LONG_PAUSE_MS - age * (LONG_PAUSE_MS - OLD_PAUSE_MS);
  return (waitedMs < YOUNG_MS ? FIRST_PAUSE_MS : aged) * (0.5 + Math.random());
}

async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

type Attempt<T> =
  | { readonly isOpen: true; readonly done: T }
  | { readonly isOpen: false; readonly busy: unknown };

/** `act` follows BEGIN in the same breath: others share the connection. Anything but BUSY is thrown. */
function attempt<T>(sql: Statements, waitMs: number, act: () => T): Attempt<T> {
  sql.exec('PRAGMA busy_timeout=0');
  try {
    sql.exec('BEGIN IMMEDIATE');
  } catch (error) {
    if (!isBusy(error)) {
      throw error;
    }
    return { isOpen: false, busy: error };
  } finally {
    sql.exec(`PRAGMA busy_timeout=${waitMs}`);
  }
  return { isOpen: true, done: act() };
}

interface Waiting<T> {
  readonly sql: Statements;
  readonly waitMs: number;
  readonly begin: number;
  readonly act: () => T;
}

async function poll<T>({ sql, waitMs, begin, act }: Waiting<T>, isHead: boolean): Promise<T> {
  for (;;) {
    const tried = attempt(sql, waitMs, act);
    if (tried.isOpen) {
      return tried.done;
    }
    const waitedMs = performance.now() - begin;
    if (waitedMs >= waitMs) {
      throw tried.busy;
    }
    await sleep(Math.min(isHead ? HEAD_PAUSE_MS : pauseMs(waitedMs), waitMs - waitedMs));
  }
}

/**
 * Opens the write transaction and runs `act`, which ends it; throws the last SQLITE_BUSY after `waitMs`.
 * Whoever must wait leaves the queue when `act` is done, or when he dies.
 */
export async function inImmediate<T>(
  sql: Statements,
  { waitMs, identity }: Patience,
  act: () => T,
): Promise<T> {
  const first = attempt(sql, waitMs, act);
  if (first.isOpen) {
    return first.done;
  }
  const waiting = { sql, waitMs, act, begin: performance.now() };
  const queue = openQueue(identity);
  const isHead = queue?.enter(Math.min(waitMs * QUEUE_PART, QUEUE_MS_MAX)) === true;
  try {
    return await poll(waiting, isHead);
  } finally {
    if (isHead) {
      queue.leave();
    }
  }
}
