import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import type { MigrateReport } from '../../ports/ledger-care.ts';
import { copyTo, stampOf } from './backup.ts';
import { createEmpty, giveToOwner } from './create.ts';
import { toFault } from './faults.ts';
import { inDirectoryOf, inspectPlace } from './inspect.ts';
import { applyMigration, loadMigrations } from './migrations.ts';
import { type OpenLedger, openLedger, SCHEMA_VERSION } from './open.ts';
import { headsFile, type LedgerPlace } from './place.ts';
import { failuresOf, verifyDatabase } from './verify.ts';

function versionOf({ db }: OpenLedger): number {
  return Number(db.prepare<[], bigint>('PRAGMA user_version').pluck().get());
}

/** What a crash between the renames of a restore left; beside a new file it would be corruption. */
function createNew(place: LedgerPlace): void {
  rmSync(`${place.file}-wal`, { force: true });
  rmSync(`${place.file}-shm`, { force: true });
  try {
    createEmpty(place);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw error; // EEXIST: another process was faster
    }
  }
}

/** job_submit.lua cannot make the folder that it writes requests to; ours alone (burst.md 2.2). */
function makeFolders(place: LedgerPlace): void {
  for (const name of ['submit', 'spool']) {
    const path = join(place.stateDirectory, name);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      giveToOwner(path, { ...place, group: undefined });
    }
  }
}

/** Recorded heads tell of a ledger that was here: an empty one in its place would hide the loss. */
function refuseToForget({ file }: LedgerPlace): void {
  const heads = headsFile(file);
  if ((lstatSync(heads, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new Fault(`${heads} tells of a ledger that is gone; no empty one was put in its place`, {
      exitCode: EXIT.integrity,
      advice: `restore a backup with asbb ledger restore FILE, or move ${heads} away`,
    });
  }
}

/** Verified before and after it is written; beside it nobody can write, since we hold the lock. */
async function saveOld(place: LedgerPlace, version: number, nowUs: number): Promise<string> {
  const { db } = openLedger(place, 'migrate');
  const context = { nowUs, stateDirectory: place.stateDirectory, version };
  try {
    const [failed] = failuresOf(await verifyDatabase(db, {}, context));
    if (failed !== undefined) {
      throw new Fault(`the ledger does not verify (${failed.id}); it was not migrated`, {
        exitCode: EXIT.integrity,
        advice: 'run asbb ledger verify',
      });
    }
    const target = inDirectoryOf(place.file, `ledger-${version}-${stampOf(nowUs)}.db`);
    copyTo(db, target, place);
    return target;
  } finally {
    db.close();
  }
}

/**
 * Brings the ledger to this program's schema, making it where there is none. Each step and its number
 * are one transaction: a kill leaves the old version or the new. Steps only go forward.
 */
export async function migrateLedger(place: LedgerPlace, nowUs: number): Promise<MigrateReport> {
  if (inspectPlace(place) === undefined) {
    refuseToForget(place);
    createNew(place);
  }
  makeFolders(place);
  const ledger = openLedger(place, 'migrate');
  const { db } = ledger;
  try {
    db.exec('BEGIN IMMEDIATE');
    const from = versionOf(ledger);
    if (from === 0) {
      refuseToForget(place);
    }
    const isOld = from > 0 && from < SCHEMA_VERSION;
    const backup = isOld ? await saveOld(place, from, nowUs) : '';
    for (const migration of await loadMigrations()) {
      if (migration.version > versionOf(ledger)) {
        applyMigration(db, migration);
        db.exec('COMMIT');
        db.exec('BEGIN IMMEDIATE');
      }
    }
    db.exec('COMMIT');
    return { from, to: SCHEMA_VERSION, backup };
  } catch (error) {
    throw toFault(error);
  } finally {
    db.close(); // rolls back what is not committed
  }
}
