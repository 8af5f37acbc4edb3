// The programs that stand for a node's boot and end: argument lists, no shell, own environment only.
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Journal } from './journal.ts';

const LIMIT_MS = 30_000;
/** A daemon that the program left behind may keep its pipes open for ever. */
const DRAIN_MS = 50;
const OUTPUT_MAX = 65_536;
const PARALLEL = 8;

export interface Program {
  readonly what: 'running' | 'gone' | 'fault';
  readonly instance: string;
  readonly node: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Ended {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export class Boots {
  readonly #journal: Journal;
  readonly #isManual: boolean;
  readonly #chains = new Map<string, Promise<unknown>>();
  readonly #children = new Set<ChildProcess>();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  readonly #results: Promise<() => void>[] = [];
  #draining: Promise<void> = Promise.resolve();

  constructor(journal: Journal, isManual: boolean) {
    this.#journal = journal;
    this.#isManual = isManual;
    this.#free = isManual ? 1 : PARALLEL;
  }

  /** Starts after the programs of the same node that came before. */
  start(program: Program): void {
    const { what, instance, node, argv } = program;
    this.#journal.write('boot', { event: 'boot_started', what, instance, node, argv });
    const before = this.#chains.get(node) ?? Promise.resolve();
    const run = before.then(() => this.#run(program));
    this.#chains.set(node, run);
    const result = run.then((ended) => () => this.#report(program, ended));
    if (this.#isManual) {
      this.#results.push(result);
    } else {
      result.then(
        (report) => report(),
        () => undefined,
      );
    }
  }

  /**
   * Manual clock: waits for the programs started so far and writes down how they ended, in the order
   * of their start, so that equal runs give equal journals. Else nothing is waited for.
   */
  settled(): Promise<void> {
    const next = this.#draining.then(() => this.#drain());
    this.#draining = next;
    return next;
  }

  /** Waits as `settled`, without writing anything; at most so long. */
  async quiet(milliseconds: number): Promise<void> {
    if (this.#results.length > 0) {
      const limit = new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
      await Promise.race([Promise.all(this.#results), limit]);
    }
  }

  stop(): void {
    for (const child of this.#children) {
      kill(child);
    }
  }

  async #drain(): Promise<void> {
    while (this.#results.length > 0) {
      const [first] = this.#results;
      const report = await first;
      this.#results.splice(0, 1);
      report?.();
    }
  }

  #report(program: Program, ended: Ended): void {
    const { what, instance, node } = program;
    const event = ended.exit === 0 ? 'boot_ended' : 'boot_failed';
    this.#journal.write('boot', { event, what, instance, node, ...ended });
  }

  async #run(program: Program): Promise<Ended> {
    if (this.#free === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else {
      this.#free -= 1;
    }
    const ended = await runProgram(program.argv, program.env, this.#children);
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free += 1;
    } else {
      next();
    }
    return ended;
  }
}

function kill(child: ChildProcess): void {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // gone already
  }
}

function unref(pipe: unknown): void {
  if (pipe instanceof Socket) {
    pipe.unref();
  }
}

export function runProgram(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  children: Set<ChildProcess>,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      env,
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text: string) => {
        out[name] = (out[name] + text).slice(0, OUTPUT_MAX);
      });
    }
    let exit: number | string = 'timeout';
    let isDone = false;
    const timer = setTimeout(() => kill(child), LIMIT_MS);
    function done(): void {
      if (!isDone) {
        isDone = true;
        clearTimeout(timer);
        children.delete(child);
        // A daemon left behind may hold the pipes; it must not keep the fake alive.
        unref(child.stdout);
        unref(child.stderr);
        resolve({ exit, ...out });
      }
    }
    child.on('error', (error) => {
      exit = error.message;
      done();
    });
    child.on('exit', (code, signal) => {
      exit = code ?? signal ?? 'unknown';
      setTimeout(done, DRAIN_MS);
    });
    child.on('close', done);
  });
}
