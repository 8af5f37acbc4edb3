import type { Ledger } from '../../ports/ledger.ts';
import type { Reports } from '../../ports/reports.ts';
import type { Clock, Ids } from '../../ports/system.ts';

/** What people's acts on alerts and deadlines need of the world. */
export interface AlertPorts {
  readonly ledger: Ledger;
  readonly reports: Reports;
  readonly ids: Ids;
  readonly clock: Pick<Clock, 'nowUs'>;
  /** `site.timezone`. */
  readonly zone: string;
  readonly uid: number;
}
