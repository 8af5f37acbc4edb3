import { type ChildProcess, spawn } from 'node:child_process';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Run, RunOptions, RunResult } from '../../ports/system.ts';
import { killGroup } from './kill-group.ts';

/** One program by node:child_process, for the fast lane: execa takes as long to load as a hook runs. */
export class SpawnRun implements Run {
  async run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
    const child = spawn(file, args, {
      cwd: '/',
      env: options.env,
      detached: true, // a group of its own, so that it can be ended with everything it started
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => undefined); // it may end without reading: its exit code tells
    child.stdin?.end(options.input);
    return await resultOf(child, file, options);
  }
}

function resultOf(child: ChildProcess, file: string, options: RunOptions): Promise<RunResult> {
  const { timeoutMs, maxOutputBytes } = options;
  return new Promise((resolve, reject) => {
    const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    let size = 0;
    let isTruncated = false;
    let trouble: string | undefined;
    function give(reason: string): void {
      trouble ??= reason;
      killGroup(child.pid);
      child.stdout?.destroy(); // a grandchild in a group of its own may hold it open
      child.stderr?.destroy();
    }
    const timer = setTimeout(() => give(`did not end within ${timeoutMs} ms`), timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxOutputBytes) {
          isTruncated = options.allowTruncated === true;
          give(`printed more than ${maxOutputBytes} bytes`);
        } else {
          output[name].push(chunk);
        }
      });
    }
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new Fault(`${file} cannot be started`, { cause, exitCode: EXIT.tryAgain }));
    });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      const end = { exitCode: exitCode ?? 1, ...textOf(output) };
      const reason = trouble ?? (exitCode === null ? `was ended by ${signal}` : undefined);
      if (isTruncated) {
        resolve({ ...end, truncated: true });
      } else if (reason === undefined) {
        resolve(end);
      } else {
        reject(new Fault(`${file} ${reason}`, { exitCode: EXIT.tryAgain }));
      }
    });
  });
}

function textOf(output: Readonly<Record<'stdout' | 'stderr', readonly Buffer[]>>): {
  readonly stdout: string;
  readonly stderr: string;
} {
  const { stdout, stderr } = output;
  return {
    stdout: Buffer.concat(stdout).toString('utf8'),
    stderr: Buffer.concat(stderr).toString('utf8'),
  };
}
