import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../src/adapters/sqlite/open.ts';
import { assert } from '../../src/core/errors.ts';
import { mayTrace } from '../support/programs.ts';
import { brokenIn, SCALE, tokensIn, type Workshop, workshop } from '../support/worker.ts';

// R1 and R2 of the fault programme, quick form: a process that opens the ledger and decides is killed at
// system calls that touch the ledger's files, or these calls fail. Then it is repeated under the same key.

const POINTS_PER_CALL = 2;
/** SQLite itself takes EIO on a read for a damaged file (SQLITE_IOERR_CORRUPTFS). */
const DAMAGED = 22;
const MAY_TRACE = mayTrace();

let shop: Workshop;
let funded: string;

beforeAll(async () => {
  shop = await workshop();
  funded = shop.directory();
  shop.run(funded, ['migrate']);
  shop.run(funded, ['seed']);
});

afterAll(() => {
  shop.remove();
});

/** How often each system call touches the ledger's files. */
function callsOf(from: string | undefined, args: readonly string[]): ReadonlyMap<string, number> {
  const directory = shop.directory(from);
  const trace = join(directory, 'trace');
  assert(shop.traced(directory, ['-o', trace], args).status === 0, `${args.join(' ')} failed`);
  const names = readFileSync(trace, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gmu);
  const counts = new Map<string, number>();
  for (const [, name = ''] of names) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** The first and the last call of a name, and some between. */
function sample(count: number): readonly number[] {
  const wanted = Math.min(count, Math.ceil(POINTS_PER_CALL * SCALE));
  const step = wanted === 1 ? 0 : (count - 1) / (wanted - 1);
  return [...new Set(Array.from({ length: wanted }, (_, at) => 1 + Math.round(at * step)))];
}

function points(from: string | undefined, args: readonly string[]): readonly [string, number][] {
  return [...callsOf(from, args)].flatMap(([name, count]) =>
    sample(count).map((at): [string, number] => [name, at]),
  );
}

const HOLD = ['holds', 'a', '1', '5'];

describe.runIf(MAY_TRACE)('a process killed at any system call', () => {
  it('leaves a hold or none, never a part; the repeat tells which', async () => {
    const all = points(funded, HOLD);
    expect(all.map(([name]) => name)).toEqual(
      expect.arrayContaining(['pwrite64', 'fsync', 'fcntl']),
    );
    for (const [name, at] of all) {
      const directory = shop.directory(funded);
      const inject = `inject=${name}:signal=KILL:when=${at}`;
      const killed = shop.traced(
        directory,
        ['-o', '/dev/null', '-e', `trace=${name}`, '-e', inject],
        HOLD,
      );
      const where = `${name} ${at}`;
      expect(killed.status === 0 ? 'lived' : (killed.signal ?? killed.status), where).toSatisfy(
        (end: unknown) => end === 'SIGKILL' || end === 137,
      );
      const stood = tokensIn(directory);
      expect(killed.stdout === '' || stood.includes('a0'), where).toBe(true);
      expect(await brokenIn(directory), where).toEqual([]);

      const repeated = shop.run(directory, HOLD);
      expect([repeated.status, repeated.stdout], where).toEqual([0, 'a0\n']);
      expect(tokensIn(directory), where).toEqual(['a0']);
      expect(await brokenIn(directory), where).toEqual([]);
    }
  });

  it('while it migrates leaves no ledger or a new one, and can be repeated', async () => {
    for (const [name, at] of points(undefined, ['migrate'])) {
      const directory = shop.directory();
      const inject = `inject=${name}:signal=KILL:when=${at}`;
      shop.traced(directory, ['-o', '/dev/null', '-e', `trace=${name}`, '-e', inject], ['migrate']);
      const where = `${name} ${at}`;
      const repeated = shop.run(directory, ['migrate']);
      expect([repeated.status, repeated.stderr], where).toEqual([0, '']);
      const [from, to] = repeated.stdout.trim().split(' ').map(Number);
      expect(to, where).toBe(SCHEMA_VERSION);
      expect(from, where).toBeLessThanOrEqual(SCHEMA_VERSION);
      expect(await brokenIn(directory), where).toEqual([]);
    }
  });
});

const ERRORS = [
  ['pread64', 'EIO'],
  ['pwrite64', 'EIO'],
  ['pwrite64', 'EDQUOT'],
  ['fsync', 'EIO'],
  ['ftruncate', 'EIO'],
  ['openat', 'EIO'],
  ['openat', 'EROFS'],
  ['fcntl', 'EINTR'],
  ['unlink', 'EIO'],
  ['mmap', 'EIO'],
] as const;

describe.runIf(MAY_TRACE)('a failing disk', () => {
  it.each(ERRORS)('%s says %s: no answer without a hold, no half a hold', async (name, error) => {
    const count = callsOf(funded, HOLD).get(name) ?? 0;
    expect(count).toBeGreaterThan(0);
    const cases = sample(count).flatMap((at) => [`${at}`, `${at}+`]);
    for (const when of cases) {
      const directory = shop.directory(funded);
      const inject = `inject=${name}:error=${error}:when=${when}`;
      const failed = shop.traced(
        directory,
        ['-o', '/dev/null', '-e', `trace=${name}`, '-e', inject],
        HOLD,
      );
      const where = `${name} ${error} ${when}: ${failed.stderr}`;
      expect(failed.status, where).toBeOneOf(name === 'pread64' ? [0, 1, 75, DAMAGED] : [0, 1, 75]);
      const stood = tokensIn(directory);
      expect(failed.status === 0, where).toBe(failed.stdout === 'a0\n');
      expect(failed.status !== 0 || stood.includes('a0'), where).toBe(true);
      const repeated = shop.run(directory, HOLD);
      expect([repeated.status, repeated.stdout], where).toEqual([0, 'a0\n']);
      expect(tokensIn(directory), where).toEqual(['a0']);
      expect(await brokenIn(directory), where).toEqual([]);
    }
  });

  it('makes COMMIT fail with its fsync; only the tidying up afterwards may fail unseen', () => {
    const count = callsOf(funded, HOLD).get('fsync') ?? 0;
    const ends = Array.from({ length: count }, (_, at) => {
      const directory = shop.directory(funded);
      const inject = `inject=fsync:error=EIO:when=${at + 1}`;
      const options = ['-o', '/dev/null', '-e', 'trace=fsync', '-e', inject];
      return shop.traced(directory, options, HOLD).status;
    });
    // The WAL's first header and the commit fail; SQLite itself forgives the directory's fsync between
    // them, and the checkpoint at close comes after the answer.
    expect(ends.filter((status) => status === 75).length).toBeGreaterThanOrEqual(2);
    expect(ends.filter((status) => status !== 75 && status !== 0)).toEqual([]);
    expect(ends[0]).toBe(75);
    expect(ends.slice(-2)).toEqual([0, 0]);
  });
});
