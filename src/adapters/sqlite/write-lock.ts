import type { Statements } from './statements.ts';

// SQLite's own busy handler sleeps longer the longer it has waited, so whoever came last wins and the
// first may starve. Here the old ask ever more often, so that they come about in the order of arrival.
// Measured with 64 processes on 2 busy cores, 1,600 transactions, a limit of 1.5 s (lost, 90 %): its
// handler 82 and 120, 1.0 and 1.4 s; as below 18 and 0, 0.8 and 0.7 s. The kernel's own queues lost
// none (semtimedop by bun:ffi), but need the JIT, which costs every submit more than they save.
// Where all of them want the CPU it is the CPU that is short: a pause of 2 ms made each process 39 ms
// of it, 10 ms makes 31, and a sixth fewer are lost.

const QUICK_MS = 4;
const QUICK_PAUSE_MS = 1;
const YOUNG_PAUSE_MS = 150;
/** Of the waiting time: after so much of it the pause is a third of what it was. */
const AGEING = 6;
/** And never shorter than this part of it: who may wait long need not hurry. */
const SHORTEST = 750;
const SHORTEST_MS = 10;
const [JITTER_MIN, JITTER] = [0.7, 0.6];

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** First quick, since most locks are held for a millisecond; then long, and shorter with age. */
function pauseMs(waitedMs: number, waitMs: number): number {
  const aged = YOUNG_PAUSE_MS * Math.exp((-waitedMs * AGEING) / waitMs);
  const pause =
    waitedMs < QUICK_MS ? QUICK_PAUSE_MS : Math.max(SHORTEST_MS, waitMs / SHORTEST, aged);
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

/** Opens the write transaction and runs `act`, which ends it; the last SQLITE_BUSY after `waitMs`. */
export async function inImmediate<T>(sql: Statements, waitMs: number, act: () => T): Promise<T> {
  const begin = performance.now();
  for (;;) {
    const tried = attempt(sql, waitMs, act);
    if (tried.isOpen) {
      return tried.done;
    }
    const waitedMs = performance.now() - begin;
    if (waitedMs >= waitMs) {
      throw tried.busy;
    }
    await sleep(Math.min(pauseMs(waitedMs, waitMs), waitMs - waitedMs));
  }
}
