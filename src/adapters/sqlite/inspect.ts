import { lstatSync, readFileSync, realpathSync, type Stats, statfsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import { passwdEntry } from '../../native/passwd.ts';
import { distrustDirectory, distrustFile } from '../../native/trust.ts';
import { distrustFilesystem } from './filesystem.ts';
import type { LedgerPlace } from './place.ts';

/** Tells one file from another that took its name. */
export interface Identity {
  readonly dev: number;
  readonly ino: number;
}

export function identityOf(path: string): Identity | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

export function isSame(a: Identity | undefined, b: Identity | undefined): boolean {
  return a?.dev === b?.dev && a?.ino === b?.ino;
}

function wrongPlace(reason: string, advice: string): Fault {
  return new Fault(`the ledger's place is not safe: ${reason}`, { exitCode: EXIT.fault, advice });
}

/** SlurmUser's uid where it matters: a thing belongs neither to root nor to us. */
function ownerBeside(stats: readonly (Stats | undefined)[], user: string): number | undefined {
  const own = process.geteuid?.();
  const isForeign = stats.some((stat) => stat && stat.uid !== 0 && stat.uid !== own);
  return isForeign ? passwdEntry(user)?.uid : undefined;
}

/** The directories in which no link may stand: the state directory and what lies below it. */
function guarded(place: LedgerPlace): readonly string[] {
  const directory = dirname(place.file);
  const paths = [directory];
  for (let at = directory; at.startsWith(`${place.stateDirectory}/`); ) {
    at = dirname(at);
    paths.unshift(at);
  }
  return paths;
}

function inspectDirectories(place: LedgerPlace): Stats {
  let last: Stats | undefined;
  for (const path of guarded(place)) {
    last = lstatSync(path, { throwIfNoEntry: false });
    if (last === undefined) {
      throw wrongPlace(
        `${path} does not exist`,
        `install -d -m 0750 -o ${place.slurmUser} ${path}`,
      );
    }
    if (!last.isDirectory()) {
      const what = last.isSymbolicLink() ? 'a symbolic link' : 'not a directory';
      throw wrongPlace(`${path} is ${what}`, 'name the real directory in database.dsn');
    }
  }
  // guarded() is never empty.
  return last as Stats;
}

function inspectFile(path: string, stat: Stats | undefined, owner: number | undefined): void {
  if (stat === undefined) {
    return;
  }
  const reason =
    distrustFile(path, stat, owner) ??
    (stat.nlink === 1 ? undefined : `${path} has ${stat.nlink} names (hard links)`);
  if (reason !== undefined) {
    throw wrongPlace(reason, 'it must be one file of mode 0640 that belongs to the SlurmUser');
  }
}

/**
 * Everything that must be true of the place before SQLite touches it (reliability.md 2.1): owners,
 * modes, no links, a filesystem of one machine. Opens nothing. Undefined: there is no ledger yet.
 */
export function inspectPlace(place: LedgerPlace): Stats | undefined {
  const { file } = place;
  if (!isAbsolute(file) || normalize(file) !== file || basename(file) === '') {
    throw wrongPlace(`${file} is not an absolute path`, 'set database.dsn');
  }
  const directory = inspectDirectories(place);
  const paths = [file, `${file}-wal`, `${file}-shm`];
  const stats = paths.map((path) => lstatSync(path, { throwIfNoEntry: false }));
  const owner = ownerBeside([directory, ...stats], place.slurmUser);
  const reason = distrustDirectory(realpathSync.native(dirname(file)), owner);
  if (reason !== undefined) {
    throw wrongPlace(reason, `only ${place.slurmUser} and root may write there: chmod go-w`);
  }
  for (const [at, path] of paths.entries()) {
    inspectFile(path, stats[at], owner);
  }
  const unfit = distrustFilesystem(statfsSync(dirname(file)).type, place);
  if (unfit !== undefined) {
    throw wrongPlace(`${dirname(file)}: ${unfit}`, 'keep the ledger on a local disk');
  }
  return stats[0];
}

/** Whether a failed check keeps writers out; the mark's text says why. */
export function markText(mark: string): string | undefined {
  return lstatSync(mark, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(mark, 'utf8').trim()
    : undefined;
}

export function inDirectoryOf(file: string, name: string): string {
  return join(dirname(file), name);
}
