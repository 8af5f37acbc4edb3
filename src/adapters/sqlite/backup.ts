import { closeSync, constants, fchmodSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { EXIT, Fault } from '../../core/errors.ts';
import { openDatabase } from '../../native/database.ts';
import { giveToOwner, syncPath } from './create.ts';
import { failWith } from './faults.ts';
import type { LedgerPlace } from './place.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
const MODE = 0o640;

/** `20261121T101500Z`: for names of files. */
export function stampOf(nowUs: number): string {
  return `${new Date(Math.floor(nowUs / 1000)).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '')}Z`;
}

function refuseExisting(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new Fault(`${path} is there already`, {
      exitCode: EXIT.fault,
      advice: 'name a file that does not exist',
    });
  }
}

/** Throws 22 when the file is not a sound database. */
function checkWhole(path: string, stateDirectory: string): void {
  const db = openDatabase({ file: path, stateDirectory, busyMilliseconds: 0, readonly: true });
  try {
    const said = db.prepare<[], string>('PRAGMA integrity_check(1)').pluck().get();
    if (said !== 'ok') {
      throw new Fault(`the copy is not sound: ${said}`, { exitCode: EXIT.integrity });
    }
  } finally {
    db.close();
  }
}

/**
 * A copy of what is committed, beside live hooks: written under a temporary name, synced and checked
 * before it gets its own. Never overwrites.
 */
export function copyTo(db: Database.Database, target: string, place: LedgerPlace): number {
  refuseExisting(target);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const fd = openSync(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
    fchmodSync(fd, MODE);
    closeSync(fd);
    db.prepare('VACUUM INTO ?').run(temporary); // it accepts an empty file, whose mode is ours
    syncPath(temporary);
    checkWhole(temporary, place.stateDirectory);
    giveToOwner(temporary, place);
    const { size } = lstatSync(temporary);
    renameSync(temporary, target);
    syncPath(dirname(target));
    return size;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw failWith(`cannot write ${target}`, error);
  }
}
