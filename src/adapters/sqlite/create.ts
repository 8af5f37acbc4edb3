import {
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import { passwdEntry } from '../../native/passwd.ts';
import type { LedgerPlace } from './place.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
const MODE = 0o640;
const UNCHANGED = -1;

export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function gidOf(group: string): number {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${group}:`));
  const gid = Number(line?.split(':')[2]);
  if (!Number.isInteger(gid)) {
    throw new Fault(`database.group: there is no group ${group}`, {
      exitCode: EXIT.fault,
      advice: `groupadd --system ${group}`,
    });
  }
  return gid;
}

/** SlurmUser's and the auditors' group's, as far as we may give it away. */
export function giveToOwner(path: string, place: LedgerPlace): void {
  const isRoot = process.geteuid?.() === 0;
  const uid = isRoot ? (passwdEntry(place.slurmUser)?.uid ?? UNCHANGED) : UNCHANGED;
  const gid = place.group === undefined ? UNCHANGED : gidOf(place.group);
  if (uid !== UNCHANGED || gid !== UNCHANGED) {
    chownSync(path, uid, gid);
  }
}

/** An empty file of mode 0640 before SQLite sees it, which gives -wal and -shm the same mode. */
export function createEmpty(place: LedgerPlace): void {
  const fd = openSync(place.file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
  try {
    fchmodSync(fd, MODE); // whatever the umask
    fsyncSync(fd);
  } finally {
    closeSync(fd); // no connection is open yet: closing drops no lock of ours
  }
  giveToOwner(place.file, place);
  syncPath(dirname(place.file));
}
