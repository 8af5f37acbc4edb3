import { SlurmCommands } from '../adapters/slurm/slurm-commands.ts';
import { SqliteLedger } from '../adapters/sqlite/sqlite-ledger.ts';
import { DirectoryCostFiles } from '../adapters/system/directory-cost-files.ts';
import { DirectorySpool } from '../adapters/system/directory-spool.ts';
import { JsonLog } from '../adapters/system/json-log.ts';
import { RandomIds } from '../adapters/system/random-ids.ts';
import { SpawnRun } from '../adapters/system/spawn-run.ts';
import { SystemClock } from '../adapters/system/system-clock.ts';
import type { Settings } from '../core/config/settings.ts';
import { dayOf } from '../core/grant/calendar.ts';
import type { EpilogPorts } from '../flows/epilog.ts';
import { ledgerPlace } from './place.ts';

const BYTES_PER_MB = 1_000_000;
/** The whole hook, from the start of the process (burst.md SL-7); the wait for the ledger is less. */
const LIMIT_MS = 5000;
/** scontrol answers in milliseconds, or slurmctld is in trouble and the spool is the answer. */
const SCONTROL_MS = 2500;

export interface EpilogWiring extends EpilogPorts {
  close(): void;
}

/** No package but what submit loads: neither oclif nor execa nor the AWS SDK. */
export function epilogWiring(settings: Settings): EpilogWiring {
  const { slurm, logging, site, cost } = settings;
  const clock = new SystemClock(settings.test_clock);
  const ids = new RandomIds();
  const place = ledgerPlace(settings, 'epilog');
  function left(): number {
    return Math.max(1, Math.floor(LIMIT_MS - clock.monotonicMs()));
  }
  const log = new JsonLog(clock, {
    files: [logging.file, `${slurm.state_dir}/asbb.log`].filter((file) => file !== ''),
    level: logging.level,
    maxBytes: logging.max_size_mb * BYTES_PER_MB,
    mayStartLogger: true,
  });
  const ledger = new SqliteLedger({
    place: { ...place, lockWaitMs: Math.min(place.lockWaitMs, left()) },
    clock,
    actor: { uid: process.geteuid?.() ?? 0, name: slurm.user },
    clusterName: slurm.cluster_name,
    liquidationDays: settings.grant_management.liquidation_days,
    dayOf: (epochS) => dayOf(epochS, site.timezone),
  });
  return {
    ledger,
    clock,
    log,
    settings,
    spool: new DirectorySpool(slurm.state_dir, clock, ids),
    costFiles: new DirectoryCostFiles(cost.data_dir, cost.data_group),
    slurm: new SlurmCommands(new SpawnRun(), {
      binPath: slurm.bin_path,
      configPath: slurm.config_path,
      clusterName: slurm.cluster_name,
      commandTimeout: Math.min(slurm.command_timeout, SCONTROL_MS),
      remainingMs: left,
    }),
    close: () => {
      ledger.close();
      log.close();
    },
  };
}

/** What slurmctld gave it (burst.md 7.1). */
export function epilogEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
