import { loadSettings } from '../adapters/config/load.ts';
import { SqliteAlertFacts } from '../adapters/sqlite/sqlite-alert-facts.ts';
import { SqliteAwardReports } from '../adapters/sqlite/sqlite-award-reports.ts';
import { SqliteBurnCache } from '../adapters/sqlite/sqlite-burn-cache.ts';
import { SqliteLedgerCare } from '../adapters/sqlite/sqlite-care.ts';
import { SqliteCounts } from '../adapters/sqlite/sqlite-counts.ts';
import { SqliteLedger } from '../adapters/sqlite/sqlite-ledger.ts';
import { SqliteReports } from '../adapters/sqlite/sqlite-reports.ts';
import { SqliteSpending } from '../adapters/sqlite/sqlite-spending.ts';
import { JsonLog } from '../adapters/system/json-log.ts';
import { RandomIds } from '../adapters/system/random-ids.ts';
import { SystemClock } from '../adapters/system/system-clock.ts';
import { isUser } from '../adapters/system/user.ts';
import type { Settings } from '../core/config/settings.ts';
import { assert } from '../core/errors.ts';
import { dayOf } from '../core/grant/calendar.ts';
import type { Bounds } from '../core/ledger/account-words.ts';
import { parseAmount } from '../core/money/money.ts';
import { userName } from '../native/user-name.ts';
import type { AlertFacts } from '../ports/alert-facts.ts';
import type { AwardReports } from '../ports/award-books.ts';
import type { BurnCache } from '../ports/burn-cache.ts';
import type { Counts } from '../ports/counts.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { LedgerCare } from '../ports/ledger-care.ts';
import type { Reports } from '../ports/reports.ts';
import type { Spending } from '../ports/spending.ts';
import type { Clock, Ids, Log } from '../ports/system.ts';
import { ledgerPlace } from './place.ts';

/** Everything that commands may need; nothing is opened, and no SDK is loaded, before it is used. */
export interface FullPorts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly reports: Reports;
  readonly spending: Spending;
  readonly burnCache: BurnCache;
  readonly awardReports: AwardReports;
  readonly alertFacts: AlertFacts;
  readonly counts: Counts;
  readonly care: LedgerCare;
  /** Real uid: who acts, in the journal and in keys. */
  readonly uid: number;
  /** True for the SlurmUser and root: who may change the books (reliability.md 4.1). */
  readonly isAdministrator: boolean;
  /** `site.timezone`. */
  readonly zone: string;
  /** What a budget may be. */
  readonly bounds: Bounds;
  close(): void;
}

export interface FullOptions {
  /** `--config`. */
  readonly config?: string | undefined;
  /** Log lines go to stderr as well. */
  readonly isVerbose?: boolean;
  /** The original's default path counts too, where no other file is (burst.md CMD-2). */
  readonly mayBeOriginal?: boolean;
}

/** Stated by packaging/build.mjs; absent when the source runs unbundled. */
declare const ASBB_VERSION: string | undefined;

const UMASK = 0o027;
const BYTES_PER_MB = 1_000_000;

/** The real uid, and beside it whom sudo says it acts for (reliability.md 4.1). */
function actor(): { readonly uid: number; readonly name: string } {
  const uid = process.getuid?.() ?? 0;
  const claimed = process.env['SUDO_USER'];
  if (claimed !== undefined && claimed !== '') {
    return { uid, name: claimed };
  }
  try {
    return { uid, name: userName(uid) };
  } catch {
    return { uid, name: String(uid) }; // a uid that the user database does not know
  }
}

function boundsOf({ budget }: Settings): Bounds {
  const least = parseAmount(budget.min_budget_amount);
  const most = parseAmount(budget.max_budget_amount);
  assert(least !== undefined && most !== undefined, 'the configuration was checked');
  return { least, most };
}

function logOf(settings: Settings, clock: Clock, isVerbose: boolean): Log & { close(): void } {
  const { file, level, max_size_mb } = settings.logging;
  const log = new JsonLog(clock, {
    files: [file, `${settings.slurm.state_dir}/asbb.log`].filter((path) => path !== ''),
    level,
    maxBytes: max_size_mb * BYTES_PER_MB,
    mayStartLogger: true,
  });
  return {
    write: (severity, event, fields) => {
      log.write(severity, event, fields);
      if (isVerbose) {
        process.stderr.write(`${severity} ${event} ${JSON.stringify(fields)}\n`);
      }
    },
    close: () => log.close(),
  };
}

/** The adapters of a command, by the configuration. Fault 2 when that has problems. */
export async function fullPorts(options: FullOptions): Promise<FullPorts> {
  process.umask(UMASK);
  const settings = await loadSettings({
    environment: process.env,
    flag: options.config,
    workingDirectory: process.cwd(),
    isUser,
    version: typeof ASBB_VERSION === 'undefined' ? undefined : ASBB_VERSION,
    isHook: false,
    mayBeOriginal: options.mayBeOriginal,
  });
  const clock = new SystemClock(settings.test_clock);
  const log = logOf(settings, clock, options.isVerbose === true);
  const zone = settings.site.timezone;
  const place = ledgerPlace(settings, 'default');
  const who = actor();
  const ledger = new SqliteLedger({
    place,
    clock,
    actor: who,
    clusterName: settings.slurm.cluster_name,
    liquidationDays: settings.grant_management.liquidation_days,
    dayOf: (epochS) => dayOf(epochS, zone),
  });
  const reports = new SqliteReports({
    place,
    zone,
    clusterName: settings.slurm.cluster_name,
  });
  const spending = new SqliteSpending(place);
  const burnCache = new SqliteBurnCache(place, clock);
  const awardReports = new SqliteAwardReports(place);
  const alertFacts = new SqliteAlertFacts(place);
  const counts = new SqliteCounts(place);
  return {
    settings,
    clock,
    ids: new RandomIds(),
    log,
    ledger,
    reports,
    spending,
    burnCache,
    awardReports,
    alertFacts,
    counts,
    care: new SqliteLedgerCare({ place, clock, actor: who }),
    uid: who.uid,
    isAdministrator: process.geteuid?.() === 0 || isUser(settings.slurm.user),
    zone,
    bounds: boundsOf(settings),
    close: () => {
      ledger.close();
      reports.close();
      spending.close();
      burnCache.close();
      awardReports.close();
      alertFacts.close();
      counts.close();
      log.close();
    },
  };
}
