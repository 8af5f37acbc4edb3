import type { Pricing } from '../../core/burst/price-job.ts';
import { type Refused, refused } from '../../core/errors.ts';
import type { Advisor } from '../../ports/advisor.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Associations } from '../../ports/slurm.ts';
import type { Clock, Ids, Log, Spool } from '../../ports/system.ts';

/** What submit and modify need of the world: no program, no network (burst.md SL-8). */
export interface HotPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly spool: Spool;
  readonly associations: Associations;
  /** Made when `absa.at_submit` asks for it; absent: nobody is asked. */
  readonly advisor?: (() => Promise<Advisor>) | undefined;
  /** The settings and what nodes cost; the price file is read when a price is first asked for. */
  readonly pricing: Pricing;
}

/** Own limit of submit and modify, counted from the start of the process (burst.md SL-7). */
const LIMIT_MS = 1800;
/** What waited so long was the wait for the ledger. */
export const TOO_LATE = 'the budget ledger is busy; repeat in a minute';
const MS_PER_SECOND = 1000;

/** Asked before anything is decided: after the limit the shim has given up, so nothing may be written. */
export function tooLate({ clock }: Pick<HotPorts, 'clock'>): Refused | undefined {
  return clock.monotonicMs() < LIMIT_MS ? undefined : refused('TRY_AGAIN', TOO_LATE);
}

export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / MS_PER_SECOND);
}
