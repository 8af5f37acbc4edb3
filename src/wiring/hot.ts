import { loadSettings } from '../adapters/config/load.ts';
import { SqliteLedger } from '../adapters/sqlite/sqlite-ledger.ts';
import { DirectoryAssociations } from '../adapters/system/directory-associations.ts';
import { DirectoryRequests } from '../adapters/system/directory-requests.ts';
import { DirectorySpool } from '../adapters/system/directory-spool.ts';
import { tidyProcess } from '../adapters/system/hygiene.ts';
import { JsonLog } from '../adapters/system/json-log.ts';
import { RandomIds } from '../adapters/system/random-ids.ts';
import { siteDay } from '../adapters/system/site-day.ts';
import { SystemClock } from '../adapters/system/system-clock.ts';
import { actAs, isUser } from '../adapters/system/user.ts';
import type { Settings } from '../core/config/settings.ts';
import type { HotPorts } from '../flows/steps/hot-ports.ts';
import type { Log, RequestFiles } from '../ports/system.ts';
import { ledgerPlace } from './place.ts';
import { pricingOf } from './pricing.ts';

/** Stated by packaging/build.mjs; absent when the source runs unbundled. */
declare const ASBB_VERSION: string | undefined;

const BYTES_PER_MB = 1_000_000;
/** When the hook has ended itself: what is left of it bounds the wait for the ledger (burst.md SL-7). */
const LIMIT_MS = { submit: 1750, modify: 1750 } as const;

/** Of submit and modify. */
export interface HotWiring extends HotPorts {
  readonly requests: RequestFiles;
  close(): void;
}

/** First act of every hook, before anything is opened. */
export function tidy(): void {
  tidyProcess(process.env);
}

/** For a hook that could not read its configuration: the default places, then syslog where it may wait. */
export function lastResortLog(mayStartLogger = false): Log {
  return new JsonLog(new SystemClock(), {
    files: ['/var/log/slurm/asbb.log', '/var/lib/asbb/asbb.log'],
    level: 'info',
    maxBytes: 100 * BYTES_PER_MB,
    mayStartLogger,
  });
}

/** The configuration, and the rights of the SlurmUser. Fault 2 without the one, 3 without the other. */
export async function hookSettings(config: string | undefined): Promise<Settings> {
  const settings = await loadSettings({
    environment: process.env,
    flag: config,
    workingDirectory: '/',
    isUser,
    version: typeof ASBB_VERSION === 'undefined' ? undefined : ASBB_VERSION,
    isHook: true,
  });
  actAs(settings.slurm.user);
  return settings;
}

export function hotWiring(settings: Settings, verb: 'submit' | 'modify'): HotWiring {
  const { slurm, logging, site } = settings;
  const clock = new SystemClock(settings.test_clock);
  const ids = new RandomIds();
  const place = ledgerPlace(settings, verb);
  const left = Math.max(1, Math.floor(LIMIT_MS[verb] - clock.monotonicMs()));
  const log = new JsonLog(clock, {
    files: [logging.file, `${slurm.state_dir}/asbb.log`].filter((file) => file !== ''),
    level: logging.level,
    maxBytes: logging.max_size_mb * BYTES_PER_MB,
    mayStartLogger: false, // slurmctld waits (burst.md SL-8)
  });
  const ledger = new SqliteLedger({
    place: { ...place, lockWaitMs: Math.min(place.lockWaitMs, left) },
    clock,
    actor: { uid: process.geteuid?.() ?? 0, name: slurm.user },
    clusterName: slurm.cluster_name,
    dayOf: siteDay(site.timezone),
    isHot: true,
  });
  return {
    ledger,
    clock,
    ids,
    log,
    spool: new DirectorySpool(slurm.state_dir, clock, ids),
    associations: new DirectoryAssociations(slurm.state_dir),
    requests: new DirectoryRequests(slurm.state_dir, clock),
    advisor: async () => (await import('./hot-advice.ts')).hotAdvisor(settings, clock),
    pricing: pricingOf(settings),
    close: () => {
      ledger.close();
      log.close();
    },
  };
}
