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
import type { LedgerPlace } from './place.ts';
import { Reader } from './reader.ts';
import { accountSpenders, grantSpenders } from './spender-rows.ts';
import { accountUsage, trendOf, usageBy } from './usage-rows.ts';

const FIRST_DAY = `SELECT MIN(first) first FROM (SELECT (SELECT MIN(day) FROM day_spend d WHERE d.budget_id=b.budget_id) first
  FROM budget b)`;
const NUMBERS = 'SELECT number FROM award ORDER BY number';

/** What burn rates, forecasts and usage read; opened when first asked, without drizzle. */
export class SqliteSpending implements Spending {
  readonly #reader: Reader;

  constructor(place: LedgerPlace) {
    this.#reader = new Reader(place);
  }

  async accounts(filter: SpenderFilter): Promise<readonly Spender[]> {
    return await this.#reader.in(({ sql }) => accountSpenders(sql, filter));
  }

  async grants(filter: SpenderFilter): Promise<readonly Spender[]> {
    return await this.#reader.in(({ sql }) => grantSpenders(sql, filter));
  }

  async grantNumbers(): Promise<readonly string[]> {
    return await this.#reader.in(({ sql }) => sql.all(NUMBERS).map((row) => text(row, 'number')));
  }

  async accountUsage(filter: UsageFilter): Promise<readonly AccountUsage[]> {
    return await this.#reader.in(({ sql }) => accountUsage(sql, filter));
  }

  async usageBy(group: UsageGroup, filter: UsageFilter): Promise<readonly UsageRow[]> {
    return await this.#reader.in(({ sql }) => usageBy(sql, group, filter));
  }

  async firstDay(): Promise<number | undefined> {
    return await this.#reader.in(({ sql }) => wholeOrNone(sql.get(FIRST_DAY) ?? {}, 'first'));
  }

  async trends(
    names: readonly string[],
    fromDay: number,
  ): Promise<ReadonlyMap<string, readonly DaySum[]>> {
    return await this.#reader.in(
      ({ sql }) => new Map(names.map((name) => [name, trendOf(sql, name, fromDay)])),
    );
  }

  close(): void {
    this.#reader.close();
  }
}
