import type { Statements } from './statements.ts';
import { takeTurn } from './write-queue.ts';

// SQLite's own busy handler sleeps longer the longer it has waited, so whoever came last wins and the
// first may starve. Here who waits asks the more often the fewer are before it (write-queue.ts).

const QUICK_MS = 2;
const FIRST_PAUSE_MS = 2;
/** For each one ahead: about what a transaction takes where 64 processes want two cores. */
const PAUSE_EACH_MS = 6;
const PAUSE_MAX_MS = 300;
/** Those behind leave the lock to the first, unless half of their time is over. */
const MAY_ASK = 4;
const [JITTER_MIN, JITTER] = [0.7, 0.6];

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

function pauseMs(ahead: number): number {
  const pause = Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS + PAUSE_EACH_MS * ahead);
  return pause * (JITTER_MIN + JITTER * Math.random());
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

export interface WriteLock {
  readonly sql: Statements;
  /** Of the ledger: who waits lines up beside it. */
  readonly file: string;
  readonly waitMs: number;
}

/** Opens the write transaction and runs `act`, which ends it; the last SQLITE_BUSY after `waitMs`. */
export async function inImmediate<T>(lock: WriteLock, act: () => T): Promise<T> {
  const { sql, waitMs } = lock;
  const first = attempt(sql, waitMs, act);
  if (first.isOpen) {
    return first.done;
  }
  await sleep(Math.min(QUICK_MS, waitMs)); // most locks are held for a millisecond
  const second = attempt(sql, waitMs, act);
  return second.isOpen ? second.done : await inTurn(lock, act);
}

async function inTurn<T>({ sql, file, waitMs }: WriteLock, act: () => T): Promise<T> {
  const begin = performance.now();
  const turn = takeTurn(file, waitMs);
  try {
    for (;;) {
      const waitedMs = performance.now() - begin;
      const ahead = turn.ahead();
      const isLast = waitedMs >= waitMs;
      if (isLast || ahead < MAY_ASK || waitedMs > waitMs / 2) {
        const tried = attempt(sql, waitMs, act);
        if (tried.isOpen) {
          return tried.done;
        }
        if (isLast) {
          throw tried.busy;
        }
      }
      await sleep(Math.min(pauseMs(ahead), Math.max(1, waitMs - waitedMs)));
    }
  } finally {
    turn.leave();
  }
}
