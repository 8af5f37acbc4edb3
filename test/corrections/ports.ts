import { SqliteReports } from '../../src/adapters/sqlite/sqlite-reports.ts';
import type { CorrectionPorts } from '../../src/flows/steps/ask-correction.ts';
import type { TemporaryLedger } from '../support/ledger.ts';
import { BOUNDS } from '../support/schedules.ts';
import { exampleSettings } from '../support/settings.ts';

export const ALICE = 1000;
export const BOB = 1001;
let keys = 0;

/** Of one person at a site where what is above $50 needs a second one. */
export function portsOf({ ledger, clock, place }: TemporaryLedger, uid = ALICE): CorrectionPorts {
  return {
    ledger,
    reports: new SqliteReports({ place, clusterName: 'hpc1' }),
    ids: {
      token: () => 'x'.repeat(26),
      hex: () => {
        keys += 1;
        return `key${keys}`;
      },
    } as CorrectionPorts['ids'], // no other id is asked for here
    zone: 'UTC',
    bounds: BOUNDS,
    uid,
    clock: { nowUs: () => clock.nowUs(), monotonicMs: () => 0 },
    settings: exampleSettings({ budget: { second_person_above: 50 } }),
  };
}
