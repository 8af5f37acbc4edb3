import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyFile } from '../../src/adapters/sqlite/restore.ts';
import { SqliteLedgerCare } from '../../src/adapters/sqlite/sqlite-care.ts';
import { failuresOf } from '../../src/adapters/sqlite/verify.ts';
import { assert } from '../../src/core/errors.ts';
import { temporaryPlace } from '../support/place.ts';
import { eventually } from '../support/programs.ts';
import { brokenIn, SCALE, tokensIn, type Workshop, workshop } from '../support/worker.ts';

let shop: Workshop;
let funded: string;

beforeAll(async () => {
  shop = await workshop();
  funded = shop.directory();
  shop.run(funded, ['migrate']);
  shop.run(funded, ['seed', '100000']);
});

afterAll(() => {
  shop.remove();
});

async function ended(child: ChildProcess): Promise<{ code: number | null; lines: string[] }> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, lines: text.split('\n').filter((line) => line !== '') };
}

describe('many processes at once', () => {
  it('lose no hold and place none twice', async () => {
    const directory = shop.directory(funded);
    const [processes, each] = [8, 10 * SCALE];
    const results = await Promise.all(
      Array.from({ length: processes }, (_, at) =>
        ended(shop.start(directory, ['holds', `p${at}x`, String(each)])),
      ),
    );
    expect(results.map(({ code }) => code)).toEqual(results.map(() => 0));
    const answered = results.flatMap(({ lines }) => lines);
    expect(answered).toHaveLength(processes * each);
    expect([...tokensIn(directory)].toSorted()).toEqual(answered.toSorted());
    expect(await brokenIn(directory)).toEqual([]);
  });

  it('are killed at random: what was answered stands', async () => {
    const directory = shop.directory(funded);
    const children = Array.from({ length: 6 }, (_, at) =>
      shop.start(directory, ['holds', `k${at}x`, '500']),
    );
    const results = Promise.all(children.map(ended));
    for (const child of children) {
      await sleep(150);
      child.kill('SIGKILL');
    }
    const answered = (await results).flatMap(({ lines }) => lines);
    const stood = tokensIn(directory);
    expect(answered.filter((token) => !stood.includes(token))).toEqual([]);
    expect(stood.length - answered.length).toBeLessThanOrEqual(children.length);
    expect(await brokenIn(directory)).toEqual([]);
  });

  it('wait for a stopped one as long as told; it goes on when it is woken', async () => {
    const directory = shop.directory(funded);
    const stopped = shop.start(directory, ['stop']);
    const result = ended(stopped);
    await eventually(
      () => `it is ${stateOf(stopped.pid)}, not stopped`,
      () => Promise.resolve(stateOf(stopped.pid) === 'T' ? true : undefined),
      { withinMs: 60_000, everyMs: 25 },
    );
    const hasty = shop.run(directory, ['holds', 'a', '1'], { LOCK_WAIT_MS: '200' });
    expect([hasty.status, hasty.stdout]).toEqual([75, '']);
    stopped.kill('SIGCONT');
    expect(await result).toEqual({ code: 0, lines: ['continued'] });
    expect(shop.run(directory, ['holds', 'a', '1']).stdout).toBe('a0\n');
    expect(await brokenIn(directory)).toEqual([]);
  });

  it('go on while backups are made, each of them whole', async () => {
    const directory = shop.directory(funded);
    const writer = shop.start(directory, ['holds', 'b', String(150 * SCALE)]);
    const result = ended(writer);
    const place = temporaryPlace(directory);
    const care = new SqliteLedgerCare({
      place,
      clock: { nowUs: () => 1 },
      actor: { uid: 0, name: 'root' },
    });
    const context = { nowUs: 1, stateDirectory: directory };
    for (let at = 0; at < 3; at += 1) {
      const file = join(directory, `backup-${at}.db`);
      await care.backup(file);
      expect(failuresOf(await verifyFile(file, context))).toEqual([]);
    }
    expect((await result).code).toBe(0);
    expect(tokensIn(directory)).toHaveLength(150 * SCALE);
    expect(await brokenIn(directory)).toEqual([]);
  });
});

/** `T`: stopped (proc(5)). */
function stateOf(pid: number | undefined): string {
  return /\) (\S)/u.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
}

const PAGE = 4096;

/** A tmpfs of its own. */
function mount(point: string, options: string): boolean {
  const words = ['-t', 'tmpfs', '-o', `mode=0750,${options}`, 'asbb', point];
  return spawnSync('mount', words).status === 0;
}

/** Not everybody may, nor root in every container. */
function mayMount(): boolean {
  const point = mkdtempSync(join(tmpdir(), 'asbb-mount-'));
  const done = mount(point, 'size=1m');
  if (done) {
    spawnSync('umount', [point]);
  }
  rmSync(point, { recursive: true });
  return done;
}

function mounted(options: string): string {
  const point = join(shop.directory(), 'disk');
  mkdirSync(point, { mode: 0o750 });
  assert(mount(point, options), `${point} cannot be mounted`);
  return point;
}

describe.runIf(mayMount())('a full disk', () => {
  function fill(directory: string, freePages: number): void {
    const { stdout } = spawnSync('df', ['--output=avail', '-B', '4096', directory], {
      encoding: 'utf8',
    });
    const free = Number(stdout.split('\n')[1]);
    writeFileSync(join(directory, 'filler'), Buffer.alloc(Math.max(0, free - freePages) * PAGE));
  }

  it('takes no half hold, and is fine when there is room again', async () => {
    const directory = mounted('size=1m');
    try {
      spawnSync('cp', ['-p', join(funded, 'asbb.db'), directory]);
      let place = 0;
      for (const pages of [0, 1, 2, 8, 9, 12, 16, 20, 24, 32, 48]) {
        fill(directory, pages);
        const token = `f${place}`;
        const full = shop.run(directory, ['holds', token, '1']);
        const where = `${pages} free pages: ${full.stderr}`;
        expect(full.status, where).toBeOneOf([0, 75]);
        expect(full.stdout, where).toBe(full.status === 0 ? `${token}0\n` : '');
        rmSync(join(directory, 'filler'));
        const repeated = shop.run(directory, ['holds', token, '1']);
        expect([repeated.status, repeated.stdout], where).toEqual([0, `${token}0\n`]);
        expect(tokensIn(directory), where).toHaveLength(place + 1);
        expect(await brokenIn(directory), where).toEqual([]);
        place += 1;
      }
    } finally {
      spawnSync('umount', [directory]);
    }
  });

  it('without inodes says try again', () => {
    const directory = mounted('size=1m,nr_inodes=2');
    try {
      spawnSync('cp', ['-p', join(funded, 'asbb.db'), directory]);
      expect(shop.run(directory, ['holds', 'a', '1']).status).toBe(75);
    } finally {
      spawnSync('umount', [directory]);
    }
  });
});
