import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { openLedger } from '../../src/adapters/sqlite/open.ts';
import { failuresOf, verifyDatabase } from '../../src/adapters/sqlite/verify.ts';
import { temporaryPlace } from './place.ts';

/** More of everything that is sampled: ASBB_TEST_SCALE=10 npx vitest run test/ledger. */
export const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 1);

const NOW_US = 1_795_262_400_000_000;
const KILLED_AFTER_MS = 300_000;

export type Result = SpawnSyncReturns<string>;
type Environment = Readonly<Record<string, string>>;

/** Folders and the bundled worker, all gone at the end. */
export interface Workshop {
  /** A new state directory; with `from`, its files copied (nobody may have them open). */
  directory(from?: string): string;
  run(directory: string, args: readonly string[], environment?: Environment): Result;
  start(directory: string, args: readonly string[], environment?: Environment): ChildProcess;
  /** The same under strace, which sees only the calls that touch the ledger's files. */
  traced(directory: string, options: readonly string[], args: readonly string[]): Result;
  remove(): void;
}

/** The worker as one JavaScript file: it starts three times as fast. */
async function bundle(): Promise<string> {
  const cache = resolve('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'asbb-worker-'));
  await build({
    entryPoints: ['test/support/ledger-worker.ts'],
    outfile: join(folder, 'worker.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3'],
    loader: { '.sql': 'text' },
    logLevel: 'error',
  });
  return folder;
}

function watched(directory: string): readonly string[] {
  const file = join(directory, 'asbb.db');
  return [directory, file, `${file}-wal`, `${file}-shm`].flatMap((path) => ['-P', path]);
}

export async function workshop(): Promise<Workshop> {
  const folder = await bundle();
  const worker = join(folder, 'worker.mjs');
  const home = mkdtempSync(join(tmpdir(), 'asbb-work-'));
  let count = 0;

  function environmentOf(environment: Environment = {}): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], ...environment };
  }

  function runFile(file: string, args: readonly string[], environment?: Environment): Result {
    return spawnSync(file, args, {
      encoding: 'utf8',
      env: environmentOf(environment),
      timeout: KILLED_AFTER_MS,
    });
  }

  return {
    directory: (from) => {
      count += 1;
      const made = join(home, String(count));
      mkdirSync(made);
      chmodSync(made, 0o750);
      for (const name of from === undefined ? [] : readdirSync(from)) {
        if (name.startsWith('asbb.db')) {
          copyFileSync(join(from ?? '', name), join(made, name));
        }
      }
      return made;
    },
    run: (directory, args, environment) =>
      runFile(process.execPath, [worker, directory, ...args], environment),
    start: (directory, args, environment) =>
      spawn(process.execPath, [worker, directory, ...args], {
        env: environmentOf(environment),
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    traced: (directory, options, args) =>
      runFile(
        'strace',
        [
          ...['-f', '-qq', ...watched(directory), ...options],
          ...[process.execPath, worker, directory, ...args],
        ],
        { LOCK_WAIT_MS: '1000' },
      ),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Which invariants do not hold (I20 left out: the clock of these tests stands). */
export async function brokenIn(directory: string): Promise<readonly string[]> {
  const { db } = openLedger(temporaryPlace(directory), 'read');
  try {
    const report = await verifyDatabase(db, {}, { nowUs: NOW_US, stateDirectory: directory });
    return failuresOf(report).map(({ id }) => id);
  } finally {
    db.close();
  }
}

/** Tokens of all holds, in the order in which they were placed. */
export function tokensIn(directory: string): readonly string[] {
  const { db } = openLedger(temporaryPlace(directory), 'read');
  try {
    return db.prepare<[], string>('SELECT token FROM hold ORDER BY hold_id').pluck().all();
  } finally {
    db.close();
  }
}

/** A pseudo-random sequence that a failing case can be repeated with. */
export function* randomFrom(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
