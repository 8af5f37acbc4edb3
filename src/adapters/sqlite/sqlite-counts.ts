import { SEVERITIES } from '../../core/alerts/rows.ts';
import type { TransactionCount } from '../../core/metrics/transaction-counts.ts';
import type { Counts, CountsAsk, CountsSeen } from '../../ports/counts.ts';
import { type SqlRow, whole, word } from './cells.ts';
import type { LedgerPlace } from './place.ts';
import { Reader } from './reader.ts';
import { TXN_KINDS } from './view-txns.ts';

const NUMBERS = `SELECT (SELECT COALESCE(MAX(seq),0) FROM txn) seq,
  (SELECT COUNT(*) FROM txn WHERE seq>? AND kind IN('release','expire')) cancelled,
  (SELECT COUNT(*) FROM hold) holds,
  (SELECT COUNT(*) FROM hold WHERE state='open') open_holds,
  (SELECT COUNT(*) FROM hold WHERE state='open' AND created_us<? AND expires_s<?) orphaned,
  (SELECT COUNT(*) FROM schedule_run) allocations`;
const TRANSACTIONS = `SELECT t.kind, t.cause='refund' is_refund, a.kind line, SIGN(p.amount_micro) sign,
    t.hold_id IS NOT NULL has_hold, t.kind='reverse' AND EXISTS(SELECT 1 FROM posting q JOIN ledger_account b USING(la_id)
      WHERE q.txn_seq=t.seq AND b.kind IN('source','award')) is_outside, COUNT(*) n
  FROM txn t JOIN posting p ON p.txn_seq=t.seq JOIN ledger_account a USING(la_id)
  WHERE t.seq>? AND a.kind IN('free','spent') GROUP BY 1,2,3,4,5,6`;
const ALERTS = "SELECT severity, COUNT(*) n FROM alert WHERE status='active' GROUP BY severity";
const SIGNS = { '-1': -1, 0: 0, 1: 1 } as const;
const MICROS = 1_000_000;

function countOf(row: SqlRow): TransactionCount {
  const sign = whole(row, 'sign');
  return {
    kind: word(row, 'kind', TXN_KINDS),
    isRefund: whole(row, 'is_refund') === 1,
    line: word(row, 'line', ['free', 'spent'] as const),
    sign: sign < 0 ? SIGNS['-1'] : SIGNS[sign > 0 ? 1 : 0],
    hasHold: whole(row, 'has_hold') === 1,
    isOutside: whole(row, 'is_outside') === 1,
    count: whole(row, 'n'),
  };
}

/** What metrics count; opened when first asked, without drizzle. */
export class SqliteCounts implements Counts {
  readonly #reader: Reader;

  constructor(place: LedgerPlace) {
    this.#reader = new Reader(place);
  }

  async counts({ afterSeq, nowS, orphanAfterS }: CountsAsk): Promise<CountsSeen> {
    return await this.#reader.in(({ sql }) => {
      const before = (nowS - orphanAfterS) * MICROS;
      const row = sql.get(NUMBERS, afterSeq, before, nowS) ?? {};
      const alerts = sql
        .all(ALERTS)
        .map((each) => [word(each, 'severity', SEVERITIES), whole(each, 'n')] as const);
      return {
        seq: whole(row, 'seq'),
        transactions: sql.all(TRANSACTIONS, afterSeq).map(countOf),
        cancelledHolds: whole(row, 'cancelled'),
        holds: whole(row, 'holds'),
        openHolds: whole(row, 'open_holds'),
        orphanedHolds: whole(row, 'orphaned'),
        allocations: whole(row, 'allocations'),
        alerts: Object.fromEntries(alerts),
      };
    });
  }

  close(): void {
    this.#reader.close();
  }
}
