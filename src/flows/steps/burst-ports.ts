import type { Pricing } from '../../core/burst/price-job.ts';
import type { RateOf } from '../../core/burst/prices.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { Advisor } from '../../ports/advisor.ts';
import type { CatalogStore } from '../../ports/catalog.ts';
import type { Cloud } from '../../ports/cloud.ts';
import type { VolumeStore } from '../../ports/known-volumes.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Plans } from '../../ports/plans.ts';
import type { Slurm } from '../../ports/slurm.ts';
import type { Clock, Hash, Ids, Log, Spool } from '../../ports/system.ts';

/** What everything that launches, binds or ends nodes needs of the world. */
export interface BurstPorts {
  readonly ledger: Ledger;
  readonly slurm: Slurm;
  readonly cloud: Cloud;
  readonly catalog: CatalogStore;
  /** Absent: submissions are priced without volumes, launches with them. */
  readonly volumes?: VolumeStore | undefined;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly ids: Ids;
  readonly log: Log;
  readonly spool: Spool;
  readonly settings: Settings;
  /** On-demand prices by override and dated table. */
  readonly rateOf: RateOf;
  /** Date of that table, and volumes as they are known: of holds that are placed late. */
  readonly pricing?: Pick<Pricing, 'priceDate' | 'volumeRateOf'> | undefined;
  /** Set by SIGTERM: no new call is begun (burst.md F7). */
  readonly stop: { readonly isRequested: boolean };
  /** Execution plans; absent: none are looked for. */
  readonly plans?: Plans | undefined;
  /** The plan that a person named (`--execution-plan`). */
  readonly planFile?: string | undefined;
  /**
   * A person waits for the answer: a plan that is refused is told with all its findings, and leaves nodes
   * and job as they are (burst.md 3.4, column CLI).
   */
  readonly isByHand?: boolean;
  /** Asked where there is no plan; absent: nobody is. */
  readonly advisor?: Advisor | undefined;
  /** Hears of every instance as soon as EC2 has named it. */
  readonly onLaunched?: (instanceIds: readonly string[]) => void;
}

const MICROS_PER_SECOND = 1_000_000;

export function nowS({ clock }: Pick<BurstPorts, 'clock'>): number {
  return Math.floor(clock.nowUs() / MICROS_PER_SECOND);
}

/** 0 to 1, for jitter. */
export function chance({ ids }: Pick<BurstPorts, 'ids'>): number {
  return Number.parseInt(ids.hex(2), 16) / 0xff_ff;
}
