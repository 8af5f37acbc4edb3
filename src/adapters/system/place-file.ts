import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface Placing {
  readonly mode: number;
  /** Group id; undefined: ours. */
  readonly gid?: number | undefined;
}

function sync(path: string, flags: string, write: (fd: number) => void): void {
  const fd = openSync(path, flags, 0o600);
  try {
    write(fd);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Temporary name in the same directory, fsync, rename, fsync of the directory: whole or not at all. */
export function placeFile(path: string, text: string, { mode, gid }: Placing): void {
  const temporary = join(dirname(path), `.${process.pid}.${performance.now()}.tmp`);
  try {
    sync(temporary, 'wx', (fd) => {
      writeFileSync(fd, text);
      fchmodSync(fd, mode); // whatever the umask
      if (gid !== undefined) {
        fchownSync(fd, -1, gid);
      }
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  sync(dirname(path), 'r', () => undefined);
}
