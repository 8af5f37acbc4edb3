import { execa } from 'execa';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Run, RunOptions, RunResult } from '../../ports/system.ts';
import { killGroup } from './kill-group.ts';

/** One program by execa, its options in full: no shell, nothing inherited, a group of its own. */
export class ExecaRun implements Run {
  async run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
    const { timeoutMs, maxOutputBytes, env, input } = options;
    const child = execa(file, args, {
      shell: false,
      preferLocal: false,
      cwd: '/',
      env,
      extendEnv: false,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      stdout: 'pipe',
      stderr: 'pipe',
      encoding: 'utf8',
      stripFinalNewline: false,
      maxBuffer: maxOutputBytes,
      detached: true,
      cleanup: false,
      reject: false,
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child.pid);
      child.stdout.destroy(); // a grandchild in a group of its own may hold it open
      child.stderr.destroy();
    }, timeoutMs);
    const result = await child;
    clearTimeout(timer);
    const { exitCode } = result;
    if (!isLate && result.isMaxBuffer && options.allowTruncated === true) {
      killGroup(child.pid);
      const { stdout, stderr } = result;
      return { exitCode: exitCode ?? 1, stdout, stderr, truncated: true };
    }
    if (isLate || result.isMaxBuffer || exitCode === undefined) {
      killGroup(child.pid); // what it started may still hold its output open
      throw new Fault(`${file} ${reasonOf(isLate, result, options)}`, {
        cause: result.cause,
        exitCode: EXIT.tryAgain,
      });
    }
    return { exitCode, stdout: result.stdout, stderr: result.stderr };
  }
}

interface Ending {
  readonly isMaxBuffer: boolean;
  readonly signal?: string | undefined;
}

function reasonOf(isLate: boolean, result: Ending, options: RunOptions): string {
  if (isLate) {
    return `did not end within ${options.timeoutMs} ms`;
  }
  if (result.isMaxBuffer) {
    return `printed more than ${options.maxOutputBytes} bytes`;
  }
  return result.signal === undefined ? 'cannot be started' : `was ended by ${result.signal}`;
}
