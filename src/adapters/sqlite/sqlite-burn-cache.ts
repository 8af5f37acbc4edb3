import type { BurnRateRow } from '../../core/burn/measure.ts';
import type { DaySum } from '../../core/burn/plan.ts';
import type { BurnCache } from '../../ports/burn-cache.ts';
import type { Clock } from '../../ports/system.ts';
import { micros, whole } from './cells.ts';
import { toFault } from './faults.ts';
import { type OpenLedger, openLedger } from './open.ts';
import type { LedgerPlace } from './place.ts';
import { Statements } from './statements.ts';
import { inImmediate } from './write-lock.ts';

const MEASURED = 'SELECT day, spend_micro FROM burn_rate WHERE account_id=? ORDER BY day';
const PUT = `INSERT OR REPLACE INTO burn_rate(account_id,day,spend_micro,expected_micro,variance_e4,rolling7_micro,rolling30_micro,
  cum_spend_micro,cum_expected_micro,cum_variance_e4,end_day,depletion_day,score_e4,created_us)
  SELECT ?,?,?,?,?,?,?,?,?,?,?,?,?,? WHERE EXISTS(SELECT 1 FROM account WHERE account_id=?)`;

interface Open {
  readonly ledger: OpenLedger;
  readonly sql: Statements;
}

export class SqliteBurnCache implements BurnCache {
  readonly #place: LedgerPlace;
  readonly #clock: Pick<Clock, 'nowUs'>;
  #open: Open | undefined;

  constructor(place: LedgerPlace, clock: Pick<Clock, 'nowUs'>) {
    this.#place = place;
    this.#clock = clock;
  }

  // biome-ignore lint/suspicious/useAwait: the port is asynchronous for a ledger on a server.
  async measured(accountId: number): Promise<readonly DaySum[]> {
    try {
      return this.#opened()
        .sql.all(MEASURED, accountId)
        .map((row) => ({ day: whole(row, 'day'), spent: micros(row, 'spend_micro') }));
    } catch (error) {
      throw toFault(error);
    }
  }

  async put(rows: readonly BurnRateRow[]): Promise<void> {
    try {
      const { sql } = this.#opened();
      const { file, lockWaitMs: waitMs } = this.#place;
      await inImmediate({ sql, file, waitMs }, () => this.#write(sql, rows));
    } catch (error) {
      throw toFault(error);
    }
  }

  close(): void {
    this.#open?.ledger.db.close();
    this.#open = undefined;
  }

  #opened(): Open {
    if (this.#open === undefined) {
      const ledger = openLedger(this.#place, 'write');
      this.#open = { ledger, sql: new Statements(ledger.db) };
    }
    return this.#open;
  }

  /** Inside the write transaction, which it ends. An account that is gone by now has no rows. */
  #write(sql: Statements, rows: readonly BurnRateRow[]): void {
    const nowUs = this.#clock.nowUs();
    try {
      for (const row of rows) {
        sql.run(
          PUT,
          ...[row.accountId, row.day, row.spend, row.expected, row.varianceE4, row.rolling7],
          ...[row.rolling30, row.cumulativeSpend, row.cumulativeExpected],
          ...[row.cumulativeVarianceE4, row.endDay ?? null, row.depletionDay ?? null],
          ...[row.scoreE4, nowUs, row.accountId],
        );
      }
      sql.exec('COMMIT');
    } finally {
      if (sql.inTransaction) {
        sql.exec('ROLLBACK');
      }
    }
  }
}
