import { closeSync, fstatSync, openSync } from 'node:fs';

const UMASK = 0o027;
const STANDARD = [0, 1, 2] as const;

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

/** A closed descriptor would be given to the next file opened: the ledger as somebody's stdout. */
function fillDescriptors(): void {
  for (const fd of STANDARD) {
    if (!isOpen(fd)) {
      const opened = openSync('/dev/null', 'r+'); // the lowest free number: this very one
      if (opened !== fd) {
        closeSync(opened);
      }
    }
  }
}

/** First act of every hook (burst.md SL-1): slurmctld hands over next to nothing. */
export function tidyProcess(environment: Record<string, string | undefined>): void {
  fillDescriptors();
  process.umask(UMASK);
  environment['PATH'] = '/usr/sbin:/usr/bin:/sbin:/bin';
  environment['HOME'] = '/';
  environment['LC_ALL'] = 'C';
}
