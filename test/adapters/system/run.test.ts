import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ExecaRun } from '../../../src/adapters/system/execa-run.ts';
import { SpawnRun } from '../../../src/adapters/system/spawn-run.ts';
import { Fault } from '../../../src/core/errors.ts';
import type { Run } from '../../../src/ports/system.ts';

const directory = mkdtempSync(join(tmpdir(), 'asbb-run-'));
afterAll(() => rmSync(directory, { recursive: true }));

const runs: readonly (readonly [string, Run])[] = [
  ['execa', new ExecaRun()],
  ['spawn', new SpawnRun()],
];
/** Long enough for a shell to start and say so where a machine is busy. */
const SHORT_MS = 2000;
const plain = { timeoutMs: 10_000, maxOutputBytes: 1_000_000, env: {} };

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Fault)) {
    throw new Error(`no Fault but ${String(error)}`);
  }
  return error;
}

/** False once the process is gone; a zombie that nobody waited for counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 1500 && isAlive(pid); tries += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  return !isAlive(pid);
}

describe.each(runs)('%s', (name, run) => {
  it('gives both streams and the exit code as they are', async () => {
    const result = await run.run('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3'], plain);
    expect(result).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('F57: passes arguments untouched, whatever is in them', async () => {
    const hostile = ['$(id)', '`id`', '; touch x', '--', '-rf', 'a b\n"\'', '*'];
    const result = await run.run('/usr/bin/printf', ['%s\\0', ...hostile], plain);
    expect(result.stdout.split('\0').slice(0, -1)).toEqual(hostile);
  });

  it('hands over this environment and no other, and closes stdin', async () => {
    const result = await run.run('/usr/bin/env', [], { ...plain, env: { SLURM_CONF: '/x' } });
    expect(result.stdout).toBe('SLURM_CONF=/x\n');
    expect((await run.run('/bin/cat', [], plain)).stdout).toBe('');
    expect((await run.run('/bin/cat', [], { ...plain, input: 'in' })).stdout).toBe('in');
    expect((await run.run('/bin/pwd', [], plain)).stdout).toBe('/\n');
  });

  it('ends a program that hangs together with what it started', async () => {
    const file = join(directory, name);
    const script = `sleep 600 & echo $! > ${file}; wait`;
    const fault = await faultOf(
      run.run('/bin/sh', ['-c', script], { ...plain, timeoutMs: SHORT_MS }),
    );
    expect(fault.exitCode).toBe(75);
    expect(fault.message).toBe(`/bin/sh did not end within ${SHORT_MS} ms`);
    expect(existsSync(file)).toBe(true);
    expect(await gone(Number(readFileSync(file, 'utf8')))).toBe(true);
  });

  it('comes back when a grandchild of another group keeps the output open', async () => {
    const file = join(directory, `${name}-far`);
    const script = `setsid sh -c 'echo $$ > ${file}; exec sleep 600' & sleep 600`;
    const fault = await faultOf(
      run.run('/bin/sh', ['-c', script], { ...plain, timeoutMs: SHORT_MS }),
    );
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
    expect(fault.message).toContain('did not end');
  });

  it('stops at the limit of what a program may print', async () => {
    const fault = await faultOf(run.run('/usr/bin/yes', [], { ...plain, maxOutputBytes: 100_000 }));
    expect(fault.exitCode).toBe(75);
    expect(fault.message).toBe('/usr/bin/yes printed more than 100000 bytes');
  });

  it.each([
    ['/nonexistent/scontrol', 'cannot be started'],
    [directory, 'cannot be started'],
  ])('says 75 when %s is no program', async (file, reason) => {
    const fault = await faultOf(run.run(file, [], plain));
    expect(fault.exitCode).toBe(75);
    expect(fault.message).toBe(`${file} ${reason}`);
  });

  it('takes a death by signal for no answer', async () => {
    const fault = await faultOf(run.run('/bin/sh', ['-c', 'kill -9 $$'], plain));
    expect(fault.message).toBe('/bin/sh was ended by SIGKILL');
  });

  it('reads bytes that are no UTF-8', async () => {
    const result = await run.run('/usr/bin/printf', ['a\\377b'], plain);
    expect(result.stdout).toBe('a\uFFFDb');
  });
});
