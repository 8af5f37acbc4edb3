import { closeSync, constants, fchownSync, lstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../core/errors.ts';
import { openDatabase } from '../../native/database.ts';
import { ownerOf } from '../../native/owner-of.ts';
import { distrustFile } from '../../native/trust.ts';
import type { Locks } from '../../ports/system.ts';
import { toFault } from './faults.ts';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
const MODE = 0o640;
const NAME = /^[a-z][a-z-]{0,31}$/u;

/** Root and the owner of the directory share a lock, whoever came first. */
function prepare(path: string, directory: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    const fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, MODE);
    try {
      const { uid, gid } = ownerOf(directory);
      if (uid !== undefined && gid !== undefined) {
        fchownSync(fd, uid, gid);
      }
    } finally {
      closeSync(fd); // no connection is open yet: closing drops no lock of ours
    }
  }
  const reason = distrustFile(path, lstatSync(path), lstatSync(directory).uid);
  if (reason !== undefined) {
    throw new Fault(`the lock is not safe: ${reason}`, { advice: `remove ${path}` });
  }
}

function openLock(path: string, stateDirectory: string): ReturnType<typeof openDatabase> {
  try {
    prepare(path, stateDirectory);
    return openDatabase({ file: path, stateDirectory, busyMilliseconds: 0, mustExist: true });
  } catch (error) {
    throw toFault(error);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/**
 * A lock is a database of its own, held in BEGIN EXCLUSIVE: the kernel frees it when its holder dies.
 * The file stays empty and is never deleted, so two processes can never lock two files of one name.
 */
export class ExclusiveLocks implements Locks {
  readonly #directory: string;

  constructor(stateDirectory: string) {
    this.#directory = stateDirectory;
  }

  take(name: string): { release(): void } | undefined {
    const path = join(this.#directory, `${name}.lock`);
    if (!NAME.test(name)) {
      throw new Fault(`not the name of a lock: ${name}`);
    }
    const db = openLock(path, this.#directory);
    try {
      db.exec('BEGIN EXCLUSIVE');
      return { release: () => db.close() };
    } catch (error) {
      db.close();
      if (isBusy(error)) {
        return;
      }
      throw toFault(error);
    }
  }
}
