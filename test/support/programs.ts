import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly input?: string;
}

/** Runs one program to its end: argument vector, the given environment and no other. */
export async function program(
  file: string,
  args: readonly string[],
  { env = {}, input = '', ...rest }: ProgramOptions = {},
): Promise<Outcome> {
  const child = spawn(file, args, { env, ...rest, stdio: 'pipe' });
  child.stdin.on('error', () => undefined); // it may end without reading
  child.stdin.end(input);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (typeof code !== 'number') {
    throw new Error(`${file} ${args.join(' ')} was ended by ${signal}: ${stderr}`);
  }
  return { code, stdout, stderr };
}

/** The same, for commands that have to succeed. */
export async function mustRun(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await program(file, args, options);
  if (code !== 0) {
    throw new Error(`exit code ${code}: ${file} ${args.join(' ')}\n${stdout}${stderr}`);
  }
  return stdout;
}

/** Reads UTF-8 whatever the locale of the tests is; `error` where it is not installed. */
export function hledger(...words: readonly string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  return spawnSync('hledger', words, { encoding: 'utf8', env });
}

/** strace is there, and allowed to: in many a container it is not. */
export function mayTrace(): boolean {
  const words = ['-f', '-qq', '-o', '/dev/null', '-e', 'inject=getppid:error=EPERM', '/bin/true'];
  return spawnSync('strace', words).status === 0;
}

const ATTEMPTS = 5;
const REPEAT_MS = 3000;

/** A user who is told to repeat in a minute does: the disk of a test machine can stall for seconds. */
export async function untilHeard(ask: () => Promise<Outcome>): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ask();
    if (attempt === ATTEMPTS || !/\[TRY_AGAIN\]|Socket timed out/u.test(outcome.stderr)) {
      return outcome;
    }
    await new Promise((resolve) => setTimeout(resolve, REPEAT_MS));
  }
}

/** Ends a child that runs on, and waits for its end. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(hard);
  }
}

/** Asks again every `everyMs` until the answer is not undefined; throws with `what` after `withinMs`. */
export async function eventually<T>(
  what: () => string,
  ask: () => Promise<T | undefined>,
  { withinMs, everyMs = 250 }: { readonly withinMs: number; readonly everyMs?: number },
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (performance.now() > end) {
      throw new Error(`not within ${withinMs / 1000} s: ${what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
