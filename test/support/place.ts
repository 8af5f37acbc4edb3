import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { LedgerPlace } from '../../src/adapters/sqlite/place.ts';

export function temporaryPlace(directory: string): LedgerPlace {
  return {
    file: join(directory, 'asbb.db'),
    stateDirectory: directory,
    slurmUser: userInfo().username,
    lockWaitMs: 30_000,
    autoMigrate: false,
    allowFsMagic: [],
    allowVolatile: true,
  };
}
