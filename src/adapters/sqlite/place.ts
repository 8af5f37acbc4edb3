import { dirname, join } from 'node:path';
import type { FilesystemRules } from './filesystem.ts';

/** Where the ledger is and by which rules it is opened; made from the settings by the wiring. */
export interface LedgerPlace extends FilesystemRules {
  /** `database.dsn`, absolute. */
  readonly file: string;
  /** `slurm.state_dir`: where the addon is unpacked; no link from here down to the file. */
  readonly stateDirectory: string;
  /** `slurm.user`: owner of the files beside root and us. */
  readonly slurmUser: string;
  /** `database.group`: may read the file. */
  readonly group?: string | undefined;
  /** `database.lock_wait` of this hook. */
  readonly lockWaitMs: number;
  /** `database.auto_migrate`. */
  readonly autoMigrate: boolean;
}

/** Its presence keeps every writing command out (reliability.md 2.4); the text says why. */
export function lockedMark(file: string): string {
  return `${file}.damaged`;
}

export function headsFile(file: string): string {
  return join(dirname(file), 'heads.log');
}
