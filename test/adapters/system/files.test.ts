import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readPriceTable } from '../../../src/adapters/pricing/price-file.ts';
import { DirectoryCostFiles } from '../../../src/adapters/system/directory-cost-files.ts';
import { DirectorySpool } from '../../../src/adapters/system/directory-spool.ts';
import { JsonLog } from '../../../src/adapters/system/json-log.ts';
import { RandomIds } from '../../../src/adapters/system/random-ids.ts';
import { Sha256Hash } from '../../../src/adapters/system/sha256-hash.ts';
import { SystemClock } from '../../../src/adapters/system/system-clock.ts';
import { actAs, isUser } from '../../../src/adapters/system/user.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'asbb-system-'));
  onTestFinished(() => {
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}

const ids = new RandomIds();

describe('the clock', () => {
  it('reads the test clock anew each time, and refuses what is no number', () => {
    const file = join(folder(), 'clock');
    const clock = new SystemClock(file);
    writeFileSync(file, '1795262400000000\n');
    expect(clock.nowUs()).toBe(1_795_262_400_000_000);
    writeFileSync(file, '1795262400000001');
    expect(clock.nowUs()).toBe(1_795_262_400_000_001);
    writeFileSync(file, 'soon');
    expect(() => clock.nowUs()).toThrow('does not hold microseconds');
    expect(new SystemClock().nowUs()).toBeGreaterThan(1_700_000_000_000_000);
  });
});

describe('ids', () => {
  it('are 26 fair letters and digits, never the same', () => {
    const tokens = Array.from({ length: 2000 }, () => ids.token());
    expect(new Set(tokens).size).toBe(2000);
    const counts = new Map<string, number>();
    for (const letter of tokens.join('')) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted().join('')).toBe('0123456789abcdefghijklmnopqrstuvwxyz');
    // 52,000 letters, 1,444 of each: 20 % off would be 7 standard deviations.
    expect(Math.min(...counts.values())).toBeGreaterThan(1150);
    expect(Math.max(...counts.values())).toBeLessThan(1740);
    expect(tokens.every((token) => /^[0-9a-z]{26}$/u.test(token))).toBe(true);
    expect(ids.hex(5)).toMatch(/^[0-9a-f]{10}$/u);
  });

  it('hashes as everybody else', () => {
    expect(new Sha256Hash().sha256('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

describe('the log', () => {
  function log(files: readonly string[], maxBytes = 1e9) {
    return new JsonLog(new SystemClock(), {
      files,
      level: 'info',
      maxBytes,
      mayStartLogger: false,
    });
  }

  it('F57: appends one JSON line each, without secrets and without control characters', () => {
    const file = join(folder(), 'asbb.log');
    const made = log([file]);
    made.write('debug', 'quiet', {});
    made.write('info', 'hold_placed', {
      amount_micro: '12',
      msg: 'a\n\u001b[31m\u202e\u009b',
      secret_access_key: 'planted',
      dsn: 'pg://u:planted@h/',
      nothing: undefined,
    });
    made.close();
    log([file]).write('error', 'second', {});
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('planted');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/u);
    const [first, second] = text
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(first).toMatchObject({ level: 'info', event: 'hold_placed', amount_micro: '12' });
    expect(first).toMatchObject({ msg: 'a\n\u001b[31m\u202e\u009b' });
    expect(second).toMatchObject({ event: 'second' });
    expect(statSync(file).mode & 0o137).toBe(0);
  });

  it('F49: goes to the next file when the first cannot be opened, and never fails', () => {
    const file = join(folder(), 'second.log');
    log(['/nonexistent/a.log', file]).write('warn', 'here', {});
    expect(readFileSync(file, 'utf8')).toContain('"here"');
    expect(() => log(['/nonexistent/a.log']).write('error', 'lost', {})).not.toThrow();
  });

  it('begins a new file when the old one is large', () => {
    const file = join(folder(), 'asbb.log');
    writeFileSync(file, 'x'.repeat(100));
    log([file], 99).write('info', 'new', {});
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('x'.repeat(100));
    expect(readFileSync(file, 'utf8')).toContain('"new"');
  });
});

describe('the spool', () => {
  it('keeps one file an event, in order, until it is removed', () => {
    const root = folder();
    let nowUs = 1_795_262_400_000_000;
    const clock = {
      nowUs: () => {
        nowUs += 1;
        return nowUs;
      },
      monotonicMs: () => 0,
      sleep: () => Promise.resolve(),
    };
    const spool = new DirectorySpool(root, clock, ids);
    spool.put('submit', { account: 'physics' });
    spool.put('epilog', { job: 7 });
    const [first, second] = spool.list();
    expect([first?.kind, second?.kind]).toEqual(['submit', 'epilog']);
    expect(first?.record).toEqual({ account: 'physics' });
    const directory = join(root, 'spool');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, first?.name ?? '')).mode & 0o777).toBe(0o640);
    spool.remove(first?.name ?? '');
    spool.remove('../spool');
    expect(spool.list()).toHaveLength(1);
  });

  it('leaves for a person what it did not write itself', () => {
    const root = folder();
    const spool = new DirectorySpool(root, new SystemClock(), ids);
    spool.put('submit', { ok: true });
    const directory = join(root, 'spool');
    const [good = ''] = readdirSync(directory);
    const forged = good.replace('submit', 'forged');
    writeFileSync(join(directory, forged), '{"record":{}}', { mode: 0o600 });
    chmodSync(join(directory, forged), 0o666);
    symlinkSync('/etc/hostname', join(directory, good.replace('submit', 'link')));
    writeFileSync(join(directory, good.replace('submit', 'cut')), '{"kind":"x","rec', {
      mode: 0o600,
    });
    mkdirSync(join(directory, good.replace('submit', 'dir')));
    writeFileSync(join(directory, 'readme'), '{"record":{}}');
    expect(spool.list().map(({ name }) => name)).toEqual([good]);
  });

  it('says 75 when it cannot be written, and leaves nothing behind', () => {
    const root = join(folder(), 'file');
    writeFileSync(root, '');
    const spool = new DirectorySpool(root, new SystemClock(), ids);
    expect(() => spool.put('submit', {})).toThrow('takes no file');
    expect(spool.list()).toEqual([]);
  });
});

describe('cost files', () => {
  it('are replaced as a whole and read back', () => {
    const directory = join(folder(), 'costs');
    const files = new DirectoryCostFiles(directory, process.getuid?.() === 0 ? 'root' : '');
    expect(files.read('job_7_cost.json')).toBeUndefined();
    files.write('job_7_cost.json', { job_id: '7' });
    files.write('job_7_cost.json', { job_id: '7', runs: [] });
    expect(files.read('job_7_cost.json')).toEqual({ job_id: '7', runs: [] });
    expect(readdirSync(directory)).toEqual(['job_7_cost.json']);
    expect(statSync(join(directory, 'job_7_cost.json')).mode & 0o777).toBe(0o640);
  });

  it('have names of jobs only', () => {
    const directory = folder();
    const files = new DirectoryCostFiles(directory);
    for (const name of ['../x', 'job_1_cost.json/../y', 'job_x_cost.json', '']) {
      expect(() => files.write(name, {})).toThrow('no name of a cost file');
    }
    files.write('job_12_3_cost.json', {});
    expect(existsSync(join(directory, 'job_12_3_cost.json'))).toBe(true);
  });
});

describe('the price table', () => {
  it('is read exactly, is nothing when it is not there, and a Fault when it is broken', () => {
    const file = join(folder(), 'prices.json');
    expect(readPriceTable(file)).toBeUndefined();
    const item = { type: 'c6i.32xlarge', od_e10: 54_400_000_000 };
    const table = { date: '2026-11-01', region: 'us-east-1', currency: 'USD', items: [item] };
    writeFileSync(file, JSON.stringify(table));
    expect(readPriceTable(file)?.rates.get('c6i.32xlarge')).toBe(54_400_000_000n);
    for (const broken of [
      { ...table, currency: 'EUR' },
      { ...table, date: 'soon' },
      { ...table, items: [{ ...item, od_e10: 0 }] },
      { ...table, items: [{ ...item, od_e10: 1.5 }] },
      { ...table, items: [null] },
      null,
    ]) {
      writeFileSync(file, JSON.stringify(broken));
      expect(() => readPriceTable(file)).toThrow(`the price table ${file}`);
    }
  });
});

describe('whose rights a hook has', () => {
  it('is asked of the user database', () => {
    const isRoot = process.getuid?.() === 0;
    expect(isUser('root')).toBe(isRoot);
    expect(isUser('no-such-user-here')).toBe(false);
    expect(process.geteuid?.()).toBe(process.getuid?.());
  });

  it('is nobody’s but the SlurmUser’s', () => {
    expect(() => actAs('no-such-user-here')).toThrow(/is not in \/etc\/passwd|hooks run as/u);
  });
});
