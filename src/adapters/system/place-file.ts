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
  /** Undefined: ours. Only root may give a file away. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Whole or not at all also then, but it may be the file before when the machine stops. */
  readonly isCache?: boolean | undefined;
}

function withFile(path: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(path, flags, 0o600);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

const UNCHANGED = -1;

/** Temporary name in the same directory, fsync, rename, fsync of the directory: whole or not at all. */
export function placeFile(path: string, text: string, placing: Placing): void {
  const { mode, uid = UNCHANGED, gid = UNCHANGED, isCache = false } = placing;
  const temporary = join(dirname(path), `.${process.pid}.${performance.now()}.tmp`);
  const sync = isCache ? () => undefined : fsyncSync;
  try {
    withFile(temporary, 'wx', (fd) => {
      writeFileSync(fd, text);
      fchmodSync(fd, mode); // whatever the umask
      if (uid !== UNCHANGED || gid !== UNCHANGED) {
        fchownSync(fd, uid, gid);
      }
      sync(fd);
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (!isCache) {
    withFile(dirname(path), 'r', fsyncSync);
  }
}
