import type { Settings } from '../../core/config/settings.ts';
import { type MetricFacts, metricFamilies } from '../../core/metrics/families.ts';
import type { MetricFamily } from '../../core/metrics/prometheus.ts';
import { addRows, type RowCounts } from '../../core/metrics/transaction-counts.ts';
import type { Counts, CountsSeen } from '../../ports/counts.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Reports } from '../../ports/reports.ts';
import type { Clock } from '../../ports/system.ts';
import { MAINTAINED_NOTE } from './maintained.ts';

export interface MetricsPorts {
  readonly ledger: Ledger;
  readonly reports: Pick<Reports, 'accounts'>;
  readonly counts: Counts;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly settings: Pick<Settings, 'budget' | 'metrics'>;
}

/** Transactions never change: what was counted once is not counted again. */
interface Counted {
  readonly seq: number;
  readonly cancelled: number;
  readonly rows: RowCounts;
}

const COUNTED_NOTE = 'metrics:counted';
const NOTHING: Counted = { seq: 0, cancelled: 0, rows: {} };
const MICROS = 1_000_000;
const MS_PER_SECOND = 1000;

function countedOf(note: string | undefined): Counted {
  return note === undefined || note === '' ? NOTHING : (JSON.parse(note) as Counted); // our own
}

function addedTo(before: Counted, seen: CountsSeen): Counted {
  return {
    seq: seen.seq,
    cancelled: before.cancelled + seen.cancelledHolds,
    rows: addRows(before.rows, seen.transactions),
  };
}

/** What there is now, and how much of it was counted when. */
export interface Gathered {
  readonly facts: MetricFacts;
  readonly before: Counted;
  readonly counted: Counted;
}

export async function gatherMetrics(ports: MetricsPorts): Promise<Gathered> {
  const { ledger, reports, counts, clock, settings } = ports;
  const { notes } = await ledger.read({ notes: [COUNTED_NOTE, MAINTAINED_NOTE] });
  const before = countedOf(notes[COUNTED_NOTE]);
  const seen = await counts.counts({
    afterSeq: before.seq,
    nowS: Math.floor(clock.nowUs() / MICROS),
    orphanAfterS: settings.budget.reconciliation_timeout / MS_PER_SECOND,
  });
  const accounts = await reports.accounts({});
  const counted = addedTo(before, seen);
  const maintained = notes[MAINTAINED_NOTE];
  return {
    before,
    counted,
    facts: {
      ...seen,
      accounts: accounts.map(({ figures }) => figures),
      rows: counted.rows,
      cancelledHolds: counted.cancelled,
      maintainedS: maintained === undefined ? undefined : Number(maintained),
    },
  };
}

/** For `maintain`, which keeps what it counted and says that it is at work now. */
export async function maintainedMetrics(ports: MetricsPorts): Promise<readonly MetricFamily[]> {
  const { facts, before, counted } = await gatherMetrics(ports);
  if (counted.seq !== before.seq) {
    const value = JSON.stringify(counted);
    await ports.ledger.decide({ scope: 'site', verb: 'metrics', args: {} }, {}, () => ({
      changes: [{ change: 'putNote', name: COUNTED_NOTE, value }],
      answer: null,
    }));
  }
  const maintainedS = Math.floor(ports.clock.nowUs() / MICROS);
  return metricFamilies({ ...facts, maintainedS }, ports.settings.metrics);
}
