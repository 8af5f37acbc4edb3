import { Ec2Cloud } from '../adapters/ec2/ec2-cloud.ts';
import { SlurmCommands } from '../adapters/slurm/slurm-commands.ts';
import { ExclusiveLocks } from '../adapters/sqlite/exclusive-lock.ts';
import { SqliteLedger } from '../adapters/sqlite/sqlite-ledger.ts';
import { DirectorySpool } from '../adapters/system/directory-spool.ts';
import { ExecaRun } from '../adapters/system/execa-run.ts';
import { FileCatalog } from '../adapters/system/file-catalog.ts';
import { FileVolumes } from '../adapters/system/file-volumes.ts';
import { JsonLog } from '../adapters/system/json-log.ts';
import { RandomIds } from '../adapters/system/random-ids.ts';
import { Sha256Hash } from '../adapters/system/sha256-hash.ts';
import { SharedApiBudget } from '../adapters/system/shared-api-budget.ts';
import { SystemClock } from '../adapters/system/system-clock.ts';
import type { Settings } from '../core/config/settings.ts';
import { dayOf } from '../core/grant/calendar.ts';
import type { BurstPorts } from '../flows/steps/burst-ports.ts';
import type { ApiBudget } from '../ports/api-budget.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Slurm } from '../ports/slurm.ts';
import type { Clock, Ids, Locks, Log } from '../ports/system.ts';
import { advisorOf, plansOf } from './advice.ts';
import { ledgerPlace } from './place.ts';
import { pricingOf } from './pricing.ts';

/** Of everything that launches or ends nodes. */
export interface BurstWiring extends BurstPorts {
  readonly locks: Locks;
  close(): void;
}

/** What a command has already; a hook makes its own. */
export interface BurstShared {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ledger: Ledger;
}

const BYTES_PER_MB = 1_000_000;
/** slurm.conf(5): where scontrol is and what it reads, as long as no configuration says otherwise. */
const COMPILED_IN = { binPath: '/usr/bin/', configPath: '/etc/slurm/slurm.conf' } as const;
const LAST_RESORT_MS = 10_000;

/** What a person says of execution plans; absent: as configured. Absolute paths. */
export interface NamedPlans {
  /** Nothing is written, and the calls of one look are not counted either (burst.md CMD-4). */
  readonly isDryRun?: boolean;
  readonly planFile?: string | undefined;
  readonly planDir?: string | undefined;
  /** Whether it is a person who asks at all. */
  readonly isByHand?: boolean;
}

/** Adapters of resume, suspend, reconcile, on top of what a command has. */
export function burstWiring(
  shared: BurstShared,
  named: NamedPlans = {},
): BurstPorts & { readonly locks: Locks } {
  const { settings, clock, ids } = shared;
  const { state_dir } = settings.slurm;
  const stop = { isRequested: false };
  const pricing = pricingOf(settings);
  process.once('SIGTERM', () => {
    stop.isRequested = true;
  });
  return {
    ...shared,
    slurm: slurmOf(settings),
    cloud: new Ec2Cloud(
      settings,
      named.isDryRun === true ? undefined : apiBudget(settings, shared),
    ),
    catalog: new FileCatalog(state_dir),
    volumes: new FileVolumes(state_dir),
    hash: new Sha256Hash(),
    spool: new DirectorySpool(state_dir, clock, ids),
    locks: new ExclusiveLocks(state_dir),
    rateOf: pricing.rateOf,
    pricing,
    plans: plansOf(settings, named.planDir),
    planFile: named.planFile,
    isByHand: named.isByHand === true,
    advisor: advisorOf(settings, new ExecaRun(), clock),
    stop,
  };
}

/** One for all clients of this process; what it has taken ahead goes back at the end. */
export function apiBudget(
  { slurm, burst }: Settings,
  { clock, log }: Pick<BurstShared, 'clock' | 'log'>,
): ApiBudget | undefined {
  const buckets = burst.api_budget;
  if (buckets === undefined) {
    return undefined;
  }
  const { state_dir } = slurm;
  const locks = new ExclusiveLocks(state_dir);
  const budget = new SharedApiBudget(state_dir, { locks, clock, log }, buckets);
  process.once('exit', () => budget.close());
  return budget;
}

export function slurmOf({ slurm }: Settings): Slurm {
  return new SlurmCommands(new ExecaRun(), {
    binPath: slurm.bin_path,
    configPath: process.env['SLURM_CONF'] ?? slurm.config_path,
    clusterName: slurm.cluster_name,
    commandTimeout: slurm.command_timeout,
  });
}

/** For the hooks of the burst lane: their own ledger connection and log. */
export function hookBurstWiring(settings: Settings, hook: string): BurstWiring {
  const { slurm, logging, site } = settings;
  const clock = new SystemClock(settings.test_clock);
  const log = new JsonLog(clock, {
    files: [logging.file, `${slurm.state_dir}/asbb.log`].filter((file) => file !== ''),
    level: logging.level,
    maxBytes: logging.max_size_mb * BYTES_PER_MB,
    mayStartLogger: true,
  });
  const ledger = new SqliteLedger({
    place: ledgerPlace(settings, hook),
    clock,
    actor: { uid: process.geteuid?.() ?? 0, name: slurm.user },
    clusterName: slurm.cluster_name,
    liquidationDays: settings.grant_management.liquidation_days,
    dayOf: (epochS) => dayOf(epochS, site.timezone),
  });
  return {
    ...burstWiring({ settings, clock, ids: new RandomIds(), log, ledger }),
    close: () => {
      ledger.close();
      log.close();
    },
  };
}

/** slurmctld without a configuration of ours: the compiled-in path (burst.md CMD-3). */
export function lastResortSlurm(): Slurm {
  return new SlurmCommands(new ExecaRun(), {
    ...COMPILED_IN,
    configPath: process.env['SLURM_CONF'] ?? COMPILED_IN.configPath,
    clusterName: '',
    commandTimeout: LAST_RESORT_MS,
  });
}

/** Path of the file that slurmctld hands to ResumeProgram; gone soon. */
export function resumeFilePath(): string | undefined {
  return process.env['SLURM_RESUME_FILE'];
}
