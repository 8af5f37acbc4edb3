import {
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyFile } from '../../src/adapters/sqlite/restore.ts';
import { SqliteLedgerCare } from '../../src/adapters/sqlite/sqlite-care.ts';
import { failuresOf } from '../../src/adapters/sqlite/verify.ts';
import { assert, Fault } from '../../src/core/errors.ts';
import { openHold } from '../support/holds.ts';
import { seedAccount, temporaryLedger } from '../support/ledger.ts';
import { temporaryPlace } from '../support/place.ts';
import {
  brokenIn,
  randomFrom,
  SCALE,
  tokensIn,
  type Workshop,
  workshop,
} from '../support/worker.ts';

const HOLDS = 12;
const PAGE = 4096;
const FRAME = PAGE + 24;
const WAL_HEADER = 32;

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

function careOf(directory: string): SqliteLedgerCare {
  return new SqliteLedgerCare({
    place: temporaryPlace(directory),
    clock: { nowUs: () => 1 },
    actor: { uid: 0, name: 'root' },
  });
}

describe('a power cut', () => {
  /** A process that never closed: its WAL stands, with the length behind each answer. */
  function uncleanly(): { directory: string; answers: [token: string, walBytes: number][] } {
    const directory = shop.directory(funded);
    const { stdout } = shop.run(directory, ['holds', 'w', String(HOLDS)], {
      WAL_SIZES: '1',
      KILL_AT_END: '1',
    });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line): [string, number] => {
        const [token = '', size] = line.split(' ');
        return [token, Number(size)];
      });
    return { directory, answers };
  }

  function cuts(size: number): readonly number[] {
    const frames = Math.floor((size - WAL_HEADER) / FRAME);
    const step = Math.max(1, Math.floor(frames / (24 * SCALE)));
    const inside = [1, 8, 24, 25, 536, 2000, FRAME - 1];
    const within = Array.from({ length: Math.ceil(frames / step) }, (_, at) => at * step).map(
      (frame, at) => WAL_HEADER + frame * FRAME + (inside[at % inside.length] ?? 0),
    );
    const between = Array.from(
      { length: Math.ceil(frames / step) },
      (_, at) => WAL_HEADER + at * step * FRAME,
    );
    return [0, 1, WAL_HEADER - 1, ...within, ...between, size - 1, size];
  }

  it('leaves every answered hold and no part of another, wherever the WAL ends', async () => {
    const { directory, answers } = uncleanly();
    expect(answers).toHaveLength(HOLDS);
    const wal = readFileSync(join(directory, 'asbb.db-wal'));
    // The last answer's length: what lies behind it was never written.
    expect(wal.length).toBe(answers.at(-1)?.[1]);
    let fewest = HOLDS;
    for (const cut of cuts(wal.length)) {
      const image = shop.directory();
      copyFileSync(join(directory, 'asbb.db'), join(image, 'asbb.db'));
      writeFileSync(join(image, 'asbb.db-wal'), wal.subarray(0, cut));
      const stood = tokensIn(image);
      const durable = answers.filter(([, size]) => size <= cut).map(([token]) => token);
      expect(stood, `cut at ${cut}`).toEqual(
        answers.slice(0, stood.length).map(([token]) => token),
      );
      expect(stood.length, `cut at ${cut}`).toBe(durable.length);
      expect(await brokenIn(image), `cut at ${cut}`).toEqual([]);
      fewest = Math.min(fewest, stood.length);
      rmSync(image, { recursive: true });
    }
    expect(fewest).toBe(0); // the cuts do cut
  });

  it('with a damaged frame loses what follows, which recorded heads tell', async () => {
    const { directory } = uncleanly();
    const heads = join(shop.directory(), 'heads.log');
    const whole = shop.directory(directory);
    const head = await careOf(whole).head();
    writeFileSync(heads, `${head?.seq} ${head?.hash}\n`);
    const path = join(directory, 'asbb.db-wal');
    const wal = readFileSync(path);
    const at = WAL_HEADER + Math.floor(wal.length / FRAME / 2) * FRAME + 1000;
    wal[at] = (wal[at] ?? 0) ^ 1;
    writeFileSync(path, wal);
    rmSync(join(directory, 'asbb.db-shm'), { force: true });
    expect(await brokenIn(directory)).toEqual([]);
    expect(tokensIn(directory).length).toBeLessThan(HOLDS);
    const report = await careOf(directory).verify({ heads });
    expect(failuresOf(report).map(({ id }) => id)).toEqual(['I8']);
  });
});

const MONEY = ['txn', 'posting', 'balance', 'hold', 'usage', 'journal'] as const;

/** What stands in the tables that matter, as far as it can be read. */
function contents(file: string): string {
  const db = new Database(file, { readonly: true });
  try {
    return MONEY.map((table) =>
      JSON.stringify(
        db.prepare(`SELECT * FROM ${table} NOT INDEXED ORDER BY rowid`).safeIntegers().raw().all(),
        (_, cell: unknown) => (typeof cell === 'bigint' ? String(cell) : cell),
      ),
    ).join('\n');
  } catch (error) {
    return `unreadable: ${String(error)}`;
  } finally {
    db.close();
  }
}

async function isReported(file: string): Promise<boolean> {
  try {
    const report = await verifyFile(file, { nowUs: 1, stateDirectory: join(file, '..') });
    return failuresOf(report).length > 0;
  } catch (error) {
    return error instanceof Fault && [1, 22].includes(error.exitCode);
  }
}

describe('a damaged file', () => {
  let sound: Buffer;
  let before: string;
  let directory: string;

  beforeAll(() => {
    directory = shop.directory(funded);
    shop.run(directory, ['holds', 'd', '30']);
    for (let at = 0; at < 15; at += 1) {
      shop.run(directory, ['charge', `d${at}`, '0.5']);
    }
    sound = readFileSync(join(directory, 'asbb.db'));
    before = contents(join(directory, 'asbb.db'));
  });

  /** Whether the damage changed money, and whether verify saw something. */
  async function examine(damaged: Buffer): Promise<{ matters: boolean; isReported: boolean }> {
    const file = join(directory, 'damaged.db');
    rmSync(`${file}-wal`, { force: true });
    rmSync(`${file}-shm`, { force: true });
    writeFileSync(file, damaged);
    return { matters: contents(file) !== before, isReported: await isReported(file) };
  }

  async function campaign(
    cases: number,
    damage: (bytes: Buffer, random: Iterator<number>) => void,
  ): Promise<number> {
    const random = randomFrom(7);
    let mattering = 0;
    for (let at = 0; at < cases; at += 1) {
      const damaged = Buffer.from(sound);
      damage(damaged, random);
      const { matters, isReported: seen } = await examine(damaged);
      assert(!matters || seen, `case ${at} changed money unseen`);
      mattering += matters ? 1 : 0;
    }
    return mattering;
  }

  function pick(random: Iterator<number>, below: number): number {
    return Math.floor(Number(random.next().value) * below);
  }

  it('is sound to begin with', async () => {
    expect(await examine(sound)).toEqual({ matters: false, isReported: false });
  });

  it('by one bit is reported wherever it touches money', async () => {
    const mattering = await campaign(150 * SCALE, (bytes, random) => {
      const at = pick(random, bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(random, 8));
    });
    expect(mattering).toBeGreaterThan(0);
  });

  it('by a zeroed page', async () => {
    const mattering = await campaign(15 * SCALE, (bytes, random) => {
      const page = pick(random, bytes.length / PAGE);
      bytes.fill(0, page * PAGE, (page + 1) * PAGE);
    });
    expect(mattering).toBeGreaterThan(0);
  });

  it('by two pages swapped', async () => {
    const mattering = await campaign(15 * SCALE, (bytes, random) => {
      const [a, b] = [
        pick(random, bytes.length / PAGE) * PAGE,
        pick(random, bytes.length / PAGE) * PAGE,
      ];
      const kept = Buffer.from(bytes.subarray(a, a + PAGE));
      bytes.copyWithin(a, b, b + PAGE);
      kept.copy(bytes, b);
    });
    expect(mattering).toBeGreaterThan(0);
  });

  it('by its header overwritten, or its end cut off', async () => {
    expect(await examine(Buffer.concat([Buffer.alloc(100), sound.subarray(100)]))).toEqual({
      matters: true,
      isReported: true,
    });
    const file = join(directory, 'asbb.db');
    for (const pages of [0, 1, 2, Math.floor(sound.length / PAGE / 2), sound.length / PAGE - 1]) {
      const cut = join(directory, 'damaged.db');
      copyFileSync(file, cut);
      truncateSync(cut, pages * PAGE);
      expect(await isReported(cut), `${pages} pages`).toBe(true);
    }
  });
});

describe('side files', () => {
  it('of another ledger are told by recorded heads', async () => {
    const mine = shop.directory(funded);
    shop.run(mine, ['holds', 'm', '3']);
    await careOf(mine).recordHead();
    const theirs = shop.directory(funded);
    shop.run(theirs, ['holds', 't', '9'], { KILL_AT_END: '1' });
    copyFileSync(join(theirs, 'asbb.db-wal'), join(mine, 'asbb.db-wal'));
    expect(existsSync(join(mine, 'asbb.db-shm'))).toBe(false);
    const end = await careOf(mine)
      .verify({ heads: join(mine, 'heads.log') })
      .then(
        (report) => failuresOf(report).length,
        (error: unknown) => (error instanceof Fault ? error.exitCode : 0),
      );
    expect(end).toBeGreaterThan(0);
  });

  it.each(['-wal', '-shm'])(
    'deleted under an open ledger (%s): nothing more is written',
    async (side) => {
      const temporary = await temporaryLedger();
      temporary.mayBeBroken();
      await seedAccount(temporary.ledger, { name: 'ml-7' });
      rmSync(`${temporary.place.file}${side}`);
      await expect(
        openHold(temporary.ledger, { token: 'aaa', account: 'ml-7', amount: '1' }),
      ).rejects.toMatchObject({ exitCode: 22, message: expect.stringContaining(side) });
    },
  );

  it('missing while it is closed are no fault', async () => {
    const directory = shop.directory(funded);
    expect(existsSync(join(directory, 'asbb.db-wal'))).toBe(false);
    expect(shop.run(directory, ['holds', 'a', '1']).stdout).toBe('a0\n');
    expect(await brokenIn(directory)).toEqual([]);
  });
});
