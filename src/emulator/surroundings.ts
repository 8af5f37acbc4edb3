import { writeSync } from 'node:fs';
import { userName } from '../native/user-name.ts';

/** Everything a command of the emulator sees and touches besides the cluster's own files. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Who the operating system says is calling; SlurmUser of an emulated cluster. */
  readonly caller: string;
  /** argv that starts this very program: asbb, or node and its source. */
  readonly self: readonly string[];
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export function realSurroundings(): Surroundings {
  const { env } = process;
  return {
    env,
    cwd: process.cwd(),
    caller: userName(process.geteuid?.() ?? 0),
    self: selfArgv(),
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
  };
}

/** As one executable: itself. From the sources: node and the script it was given. */
function selfArgv(): readonly string[] {
  const script = process.argv[1];
  return script?.endsWith('.ts') === true ? [process.execPath, script] : [process.execPath];
}

/** A pipe may take less than all, or nothing for the moment. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        return; // closed by the reader, or closed from the start
      }
    }
  }
}
