// Starts the fake EC2 as a child process.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FaultRule } from '../fake-ec2/faults.ts';
import type { WorldInput } from '../fake-ec2/world.ts';
import { FakeEc2Control } from './fake-ec2-control.ts';

const MAIN = fileURLToPath(new URL('../fake-ec2/main.ts', import.meta.url));
const START_MS = 120_000;

export interface FakeEc2Options {
  readonly faults?: readonly FaultRule[];
  readonly seed?: number;
  /** Keeps the virtual time in this file (`test_clock`). */
  readonly clockFile?: string;
  readonly faketimerc?: string;
  readonly journal?: string;
  /** `HOST:PORT`; default a free port of 127.0.0.1. */
  readonly listen?: string;
  /** Path of the control socket; default inside a directory of its own. */
  readonly control?: string;
  readonly restore?: string;
  readonly snapshot?: string;
  /** `onTestFinished`, `afterAll` or the like: called with the function that stops the fake. */
  readonly atEnd?: (stop: () => Promise<void>) => void;
}

export class FakeEc2 extends FakeEc2Control {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #dir: string;

  constructor(
    ready: { readonly url: string; readonly control: string; readonly pid: number },
    child: ChildProcess,
    dir: string,
  ) {
    super(ready.control);
    this.url = ready.url;
    this.pid = ready.pid;
    this.#child = child;
    this.#dir = dir;
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** As a crash would: nothing is written down. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      child.kill(signal);
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

const running = new Set<ChildProcess>();
let isGuarded = false;

/** A test run that dies must not leave a server behind. */
function guard(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
  if (!isGuarded) {
    isGuarded = true;
    process.once('exit', () => {
      for (const left of running) {
        left.kill('SIGKILL');
      }
    });
  }
}

export async function startFakeEc2(
  world: WorldInput | string,
  options: FakeEc2Options = {},
): Promise<FakeEc2> {
  const dir = mkdtempSync(join(tmpdir(), 'fake-ec2-'));
  const child = spawn(process.execPath, arguments_(world, options, dir), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC' },
  });
  guard(child);
  const ready = await firstLine(child);
  const fake = new FakeEc2(ready, child, dir);
  options.atEnd?.(() => fake.stop());
  return fake;
}

function arguments_(world: WorldInput | string, options: FakeEc2Options, dir: string): string[] {
  const worldFile = typeof world === 'string' ? world : join(dir, 'world.json');
  if (typeof world !== 'string') {
    writeFileSync(worldFile, JSON.stringify(world));
  }
  const args = [
    '--disable-warning=ExperimentalWarning',
    MAIN,
    ...['--listen', options.listen ?? '127.0.0.1:0'],
    ...['--control', `unix:${options.control ?? join(dir, 'control')}`],
    ...['--world', worldFile],
    ...['--seed', String(options.seed ?? 1)],
  ];
  if (options.faults !== undefined) {
    const path = join(dir, 'faults.json');
    writeFileSync(path, JSON.stringify(options.faults));
    args.push('--faults', path);
  }
  for (const [flag, value] of [
    ['--clock-file', options.clockFile],
    ['--faketimerc', options.faketimerc],
    ['--journal', options.journal],
    ['--restore', options.restore],
    ['--snapshot', options.snapshot],
  ] as const) {
    if (value !== undefined) {
      args.push(flag, value);
    }
  }
  return args;
}

function firstLine(
  child: ChildProcess,
): Promise<{ readonly url: string; readonly control: string; readonly pid: number }> {
  return new Promise((resolve, reject) => {
    let out = '';
    let errors = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`fake-ec2 did not start: ${errors}`));
    }, START_MS);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const at = out.indexOf('\n');
      if (at !== -1) {
        clearTimeout(timer);
        resolve(JSON.parse(out.slice(0, at)));
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      process.stderr.write(text);
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`fake-ec2 ended: ${errors}`));
    });
  });
}
