import { lstatSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { EXIT, Fault } from '../../core/errors.ts';
import { openDatabase } from '../../native/database.ts';
import type { VerifyReport } from '../../ports/ledger-care.ts';
import { copyTo, stampOf } from './backup.ts';
import { syncPath } from './create.ts';
import { failWith, toFault } from './faults.ts';
import { inDirectoryOf, inspectPlace } from './inspect.ts';
import { openLedger, SCHEMA_VERSION } from './open.ts';
import type { LedgerPlace } from './place.ts';
import { failuresOf, type VerifyContext, verifyDatabase } from './verify.ts';

/** An older file is judged by the schema that it says it has. */
function ownVersion(db: Database.Database, file: string): number {
  const version = Number(db.prepare<[], bigint>('PRAGMA user_version').pluck().get());
  if (version < 1 || version > SCHEMA_VERSION) {
    throw new Fault(`${file} has schema ${version}, this program knows 1 to ${SCHEMA_VERSION}`, {
      exitCode: version < 1 ? EXIT.integrity : EXIT.fault,
    });
  }
  return version;
}

/** Verifies any file of ours, e.g. a backup, without writing to it. */
export async function verifyFile(file: string, context: VerifyContext): Promise<VerifyReport> {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new Fault(`${file} is not a regular file`, {
      advice: 'name a ledger, as asbb ledger backup writes them',
    });
  }
  const { stateDirectory } = context;
  try {
    const db = openDatabase({ file, stateDirectory, busyMilliseconds: 0, readonly: true });
    try {
      return await verifyDatabase(db, {}, { ...context, version: ownVersion(db, file) });
    } finally {
      db.close();
    }
  } catch (error) {
    throw toFault(error);
  }
}

/**
 * Nobody else has the old ledger open, and nobody gets in until it is released: leaving WAL needs that,
 * and takes all of its WAL into the file. False: it is too damaged to be opened; its WAL goes with it.
 */
function lockOld(place: LedgerPlace): { release(): void } | undefined {
  let db: ReturnType<typeof openLedger>['db'];
  try {
    ({ db } = openLedger(place, 'migrate'));
  } catch (error) {
    if (error instanceof Fault && error.exitCode === EXIT.integrity) {
      return;
    }
    throw error;
  }
  try {
    db.exec('PRAGMA journal_mode=DELETE');
    db.exec('BEGIN EXCLUSIVE');
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    const fault = toFault(error);
    if (fault instanceof Fault && fault.exitCode === EXIT.integrity) {
      return;
    }
    throw fault;
  }
}

/** A crash in between leaves no ledger at all, never the new file beside the old WAL. */
function exchange(place: LedgerPlace, fresh: string, kept: string): void {
  const { file } = place;
  renameSync(file, kept);
  if (lstatSync(`${file}-wal`, { throwIfNoEntry: false }) !== undefined) {
    renameSync(`${file}-wal`, `${kept}-wal`); // of a ledger that could not be opened
  }
  rmSync(`${file}-shm`, { force: true });
  renameSync(fresh, file);
  syncPath(dirname(file));
}

function putInPlace(place: LedgerPlace, fresh: string, kept: string): void {
  const old = lockOld(place);
  try {
    exchange(place, fresh, kept);
  } finally {
    old?.release();
  }
}

/** `source` was verified by the caller. Returns where the replaced ledger is, '' if there was none. */
export function restoreFile(source: string, place: LedgerPlace, nowUs: number): string {
  const { file, stateDirectory } = place;
  const found = inspectPlace(place);
  const fresh = inDirectoryOf(file, `.restore.${process.pid}`);
  const kept = `${file}.replaced-${stampOf(nowUs)}`;
  const db = openDatabase({ file: source, stateDirectory, busyMilliseconds: 0, readonly: true });
  try {
    copyTo(db, fresh, place);
  } finally {
    db.close();
  }
  try {
    if (found === undefined) {
      rmSync(`${file}-wal`, { force: true });
      rmSync(`${file}-shm`, { force: true });
      renameSync(fresh, file);
      syncPath(dirname(file));
      return '';
    }
    putInPlace(place, fresh, kept);
    return kept;
  } catch (error) {
    rmSync(fresh, { force: true });
    throw failWith(`cannot restore ${source}`, error);
  }
}

/** Throws 22 with the predicates that do not hold. */
export function mustVerify(report: VerifyReport, what: string): void {
  const failed = failuresOf(report).map(({ id }) => id);
  if (failed.length > 0) {
    throw new Fault(`${what} does not verify: ${failed.join(', ')}`, {
      exitCode: EXIT.integrity,
      advice: 'nothing was written; run asbb ledger verify',
    });
  }
}
