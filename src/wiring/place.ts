import type { LedgerPlace } from '../adapters/sqlite/place.ts';
import type { Settings } from '../core/config/settings.ts';

const LOCK_WAIT_MS = 30_000;

/** Where the ledger is and by which rules it is opened; `lane` is a name of `database.lock_wait`. */
export function ledgerPlace({ database, slurm }: Settings, lane: string): LedgerPlace {
  return {
    file: database.dsn,
    stateDirectory: slurm.state_dir,
    slurmUser: slurm.user,
    group: database.group,
    lockWaitMs: database.lock_wait[lane] ?? database.lock_wait['default'] ?? LOCK_WAIT_MS,
    autoMigrate: database.auto_migrate,
    allowFsMagic: database.allow_fs_magic,
    allowVolatile: database.allow_volatile,
  };
}
