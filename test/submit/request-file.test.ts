import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DirectoryRequests } from '../../src/adapters/system/directory-requests.ts';
import { shapeAfterUpdate, shapeOfRequest } from '../../src/core/burst/request-shape.ts';
import { Fault, isRefused } from '../../src/core/errors.ts';
import { parseJobRequest } from '../../src/core/slurm/job-request.ts';
import { NO_VAL, NO_VAL16, submitted, updated } from './hot-site.ts';
import '../support/property.ts';

const NAME = '6a0000000000ff';
const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? '1');
const IS_ROOT = process.getuid?.() === 0;

function place() {
  const root = mkdtempSync(join(tmpdir(), 'asbb-request-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  const directory = join(root, 'submit');
  mkdirSync(directory, { mode: 0o700 });
  const clock = {
    nowUs: () => (0x6a_00_00_00 + 90) * 1_000_000,
    monotonicMs: () => 0,
    sleep: () => Promise.resolve(),
  };
  return { path: join(directory, NAME), requests: new DirectoryRequests(root, clock) };
}

function bytes(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9 _.,:=+/@-]/u.test(letter)
        ? letter
        : `\\u${byte.toString(16).padStart(4, '0')}`;
    })
    .join('');
}

/** As the shim writes: every byte outside the safe set is one code point below 256. */
function shimJson(value: unknown): string {
  if (typeof value === 'string') {
    return `"${bytes(value)}"`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, each]) => `${shimJson(name)}:${shimJson(each)}`,
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) {
      return error;
    }
  }
  throw new Error('no Fault');
}

describe('a request file', () => {
  it('brings the bytes of a job field back, whatever they are', () => {
    const { path, requests } = place();
    const hostile = 'ä€😀 "\'`$(id)\\ \n\u0000\u0007\u001b[31m\u202e; rm -rf / %n';
    writeFileSync(path, `${shimJson({ v: 1, name: hostile, parts: { [hostile]: {} } })}\n`);
    expect(requests.read(NAME)).toEqual({ v: 1, name: hostile, parts: { [hostile]: {} } });
  });

  it('turns bytes that are no UTF-8 into U+FFFD', () => {
    const { path, requests } = place();
    writeFileSync(path, '{"v":1,"name":"a\\u00ffb\\u00c3"}\n');
    expect(requests.read(NAME)).toEqual({ v: 1, name: 'a\uFFFDb\uFFFD' });
  });

  it.each<[string, (path: string) => void, number]>([
    ['is not there', () => undefined, 75],
    ['is a link', (path) => symlinkSync('/etc/hostname', path), 2],
    ['is a directory', (path) => mkdirSync(path), 2],
    ['is a FIFO', (path) => spawnSync('/usr/bin/mkfifo', [path]), 2],
    [
      'is writable by others',
      (path) => {
        writeFileSync(path, '{}');
        chmodSync(path, 0o622);
      },
      2,
    ],
    ['is too large', (path) => writeFileSync(path, ' '.repeat(262_145)), 2],
    ['is empty', (path) => writeFileSync(path, ''), 2],
    ['is cut', (path) => writeFileSync(path, '{"v":1,"na'), 2],
    ['holds a character that is no byte', (path) => writeFileSync(path, '{"name":"\\u0100"}'), 2],
    ['holds a lone surrogate', (path) => writeFileSync(path, '{"name":"\\ud800"}'), 2],
    ['is nested deeply', (path) => writeFileSync(path, '['.repeat(100_000)), 2],
    [
      'is nested 100 levels',
      (path) => writeFileSync(path, `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`),
      2,
    ],
  ])('is refused when it %s', (_, make, exitCode) => {
    const { path, requests } = place();
    make(path);
    expect(faultOf(() => requests.read(NAME)).exitCode).toBe(exitCode);
  });

  it('of somebody else is not read', ({ skip }) => {
    skip(!IS_ROOT, 'only root can give a file away');
    const { path, requests } = place();
    writeFileSync(path, '{"v":1}', { mode: 0o600 });
    chownSync(path, 64_999, 64_999);
    expect(faultOf(() => requests.read(NAME)).message).toContain('belongs to uid 64999');
  });

  it.each(['', '../x', 'submit', '6a0000000000f', '6A0000000000FF', `${NAME}\n`, `${NAME}x`])(
    'has no name such as %j',
    (name) => {
      const { requests } = place();
      expect(faultOf(() => requests.read(name)).exitCode).toBe(2);
    },
  );

  it('is listed with its age, and removed by its name alone', () => {
    const { path, requests } = place();
    writeFileSync(path, '{}');
    writeFileSync(join(path, '..', 'readme'), '');
    expect(requests.list()).toEqual([{ name: NAME, ageSeconds: 90 }]);
    requests.remove('../submit/readme');
    requests.remove(NAME);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(join(path, '..', 'readme'))).toBe(true);
  });
});

describe('the fields of a request', () => {
  it('are "not given" where SLURM says so', () => {
    const request = parseJobRequest(
      submitted({
        time_limit: NO_VAL,
        min_nodes: 18_446_744_073_709_552_000,
        cpus_per_task: NO_VAL16,
        num_tasks: 4_294_967_295,
        parts: { aws: { max_time: 4_294_967_295, default_time: NO_VAL, def_mem_per_cpu: 0 } },
      }),
    );
    expect(request).toMatchObject({
      verb: 'submit',
      timeLimit: undefined,
      minNodes: undefined,
      cpusPerTask: undefined,
      numTasks: undefined,
      hetJobOffset: undefined,
      parts: { aws: { maxTime: 'UNLIMITED', defaultTime: undefined, defMemPerCpuMib: undefined } },
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another protocol', { v: 2 }, 'v'],
    ['no verb', { verb: 'submi' }, 'verb'],
    ['no uid', { uid: undefined }, 'uid'],
    ['text for a number', { min_nodes: '3' }, 'min_nodes'],
    ['a fraction', { min_nodes: 1.5 }, 'min_nodes'],
    ['a negative number', { time_limit: -1 }, 'time_limit'],
    ['a number for a text', { features: 7 }, 'features'],
    ['a list for parts', { parts: [] }, 'parts'],
    ['a number for a partition', { parts: { aws: 1 } }, 'aws'],
  ])('are refused: %s', (_, more, field) => {
    const refusal = parseJobRequest(submitted(more));
    expect(isRefused(refusal) ? refusal.text : '').toBe(
      `the request file cannot be read: ${field}`,
    );
    expect(refusal).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('of a modification need a job', () => {
    const { job: _, ...without } = updated({});
    expect(parseJobRequest(without)).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it.each([null, 3, 'x', [], [{}], true])('are an object, not %j', (value) => {
    expect(parseJobRequest(value)).toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});

describe('whatever stands in a request', () => {
  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      [],
      {},
      -0,
      0,
      1,
      NO_VAL,
      NO_VAL16,
      2 ** 53,
      1e300,
      '',
      'a,b',
    ),
    fc.string({ maxLength: 40, unit: 'binary' }),
    fc.string({ minLength: 1020, maxLength: 1030 }),
    fc.stringMatching(/^[0-9,:%-]{0,30}$/u),
    fc.stringMatching(/^(gres|gpu|[:=/,0-9]){0,12}$/u),
    fc.integer(),
    fc.double(),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const fields = [
    ...Object.keys(submitted()),
    'array_inx',
    'features',
    'tres_per_node',
    'tres_per_job',
    'tres_per_task',
    'cpus_per_tres',
    'mem_per_tres',
    'account',
    'admin_comment',
    'job',
    '__proto__',
  ];
  const changes = fc.dictionary(fc.constantFrom(...fields), odd, { maxKeys: 6 });

  it('it is refused, or read and shaped, and never raises', () => {
    fc.assert(
      fc.property(changes, fc.boolean(), (more, isUpdate) => {
        const given = isUpdate ? updated({}, more) : submitted(more);
        const request = parseJobRequest(JSON.parse(JSON.stringify({ ...given, ...more })));
        if (isRefused(request)) {
          expect(request.code).toBe('VALIDATION_ERROR');
          return;
        }
        const shape =
          request.verb === 'submit'
            ? shapeOfRequest(request)
            : shapeAfterUpdate(request, undefined);
        expect(isRefused(shape) ? shape.code : 'shape').toMatch(/^(?:POLICY|shape)$/u);
      }),
      { numRuns: Math.round(3000 * SCALE), seed: 3 },
    );
  });

  it('it is bytes of a file that is read, or a Fault', () => {
    const { path, requests } = place();
    const text = `${shimJson(submitted({ name: 'ä' }))}\n`;
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(20),
        fc.uint8Array({ maxLength: 12 }),
        (at, cut, noise) => {
          const bytes = Buffer.from(text, 'latin1');
          writeFileSync(
            path,
            Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at + cut)]),
          );
          try {
            parseJobRequest(requests.read(NAME));
          } catch (error) {
            expect(error).toBeInstanceOf(Fault);
          }
        },
      ),
      { numRuns: Math.round(2000 * SCALE), seed: 4 },
    );
  });
});
