import type { DaySum } from '../../core/burn/plan.ts';
import type {
  AccountUsage,
  Spender,
  SpenderFilter,
  Spending,
  UsageFilter,
  UsageGroup,
  UsageRow,
} from '../../ports/spending.ts';
import { text, wholeOrNone } from './cells.ts';
import { toFault } from './faults.ts';
import { type OpenLedger, openLedger } from './open.ts';
import type { LedgerPlace } from './place.ts';
import { accountSpenders, grantSpenders } from './spender-rows.ts';
import { Statements } from './statements.ts';
import { accountUsage, trendOf, usageBy } from './usage-rows.ts';

const FIRST_DAY = `SELECT MIN(first) first FROM (SELECT (SELECT MIN(day) FROM day_spend d WHERE d.budget_id=b.budget_id) first
  FROM budget b)`;
const NUMBERS = 'SELECT number FROM award ORDER BY number';

interface Open {
  readonly ledger: OpenLedger;
  readonly sql: Statements;
}

/** What burn rates, forecasts and usage read; opened when first asked, without drizzle. */
export class SqliteSpending implements Spending {
  readonly #place: LedgerPlace;
  #open: Open | undefined;

  constructor(place: LedgerPlace) {
    this.#place = place;
  }

  async accounts(filter: SpenderFilter): Promise<readonly Spender[]> {
    return await this.#reading((sql) => accountSpenders(sql, filter));
  }

  async grants(filter: SpenderFilter): Promise<readonly Spender[]> {
    return await this.#reading((sql) => grantSpenders(sql, filter));
  }

  async grantNumbers(): Promise<readonly string[]> {
    return await this.#reading((sql) => sql.all(NUMBERS).map((row) => text(row, 'number')));
  }

  async accountUsage(filter: UsageFilter): Promise<readonly AccountUsage[]> {
    return await this.#reading((sql) => accountUsage(sql, filter));
  }

  async usageBy(group: UsageGroup, filter: UsageFilter): Promise<readonly UsageRow[]> {
    return await this.#reading((sql) => usageBy(sql, group, filter));
  }

  async firstDay(): Promise<number | undefined> {
    return await this.#reading((sql) => wholeOrNone(sql.get(FIRST_DAY) ?? {}, 'first'));
  }

  async trends(
    names: readonly string[],
    fromDay: number,
  ): Promise<ReadonlyMap<string, readonly DaySum[]>> {
    return await this.#reading(
      (sql) => new Map(names.map((name) => [name, trendOf(sql, name, fromDay)])),
    );
  }

  close(): void {
    this.#open?.ledger.db.close();
    this.#open = undefined;
  }

  // biome-ignore lint/suspicious/useAwait: the port is asynchronous for a ledger on a server.
  async #reading<T>(read: (sql: Statements) => T): Promise<T> {
    try {
      this.#open ??= this.#opened();
      const { ledger, sql } = this.#open;
      ledger.db.exec('BEGIN');
      try {
        return read(sql);
      } finally {
        ledger.db.exec('ROLLBACK');
      }
    } catch (error) {
      throw toFault(error);
    }
  }

  #opened(): Open {
    const ledger = openLedger(this.#place, 'read');
    return { ledger, sql: new Statements(ledger.db) };
  }
}
