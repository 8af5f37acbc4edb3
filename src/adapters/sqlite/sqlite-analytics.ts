import type { CostModelRow } from '../../core/estimate/learning.ts';
import type { PerformanceRow, ReconciliationRow } from '../../core/estimate/records.ts';
import type { Analytics, AnalyticsFilter } from '../../ports/analytics.ts';
import type { Cell } from './cells.ts';
import { costModelTable, performanceTable, reconciliationTable } from './learning-tables.ts';
import type { LedgerPlace } from './place.ts';
import { Reader } from './reader.ts';

interface Where {
  readonly text: string;
  readonly cells: readonly Cell[];
}

function whereOf(parts: readonly (readonly [string, Cell | undefined])[]): Where {
  const given = parts.flatMap(([text, cell]) =>
    cell === undefined ? [] : [[text, cell] as const],
  );
  const text = given.length === 0 ? '1' : given.map(([part]) => part).join(' AND ');
  return { text, cells: given.map(([, cell]) => cell) };
}

function spanOf({ fromDay, toDay, account, partition, profile }: AnalyticsFilter): Where {
  return whereOf([
    ['day>=?', fromDay],
    ['day<=?', toDay],
    ['account=?', account],
    ['partition=?', partition],
    ['profile=?', profile],
  ]);
}

/** What analytics read; opened when first asked, without drizzle. */
export class SqliteAnalytics implements Analytics {
  readonly #reader: Reader;

  constructor(place: LedgerPlace) {
    this.#reader = new Reader(place);
  }

  async reconciliations(filter: AnalyticsFilter): Promise<readonly ReconciliationRow[]> {
    const { text, cells } = spanOf(filter);
    const newest = `SELECT MAX(recon_id) FROM reconciliation WHERE success=1 AND priced=0
      AND hold_id IS NOT NULL AND ${text} GROUP BY hold_id`;
    const rows = `SELECT * FROM reconciliation WHERE recon_id IN(${newest}) ORDER BY recon_id`;
    return await this.#reader.in(({ sql }) => sql.all(rows, ...cells).map(reconciliationTable.row));
  }

  async performance(filter: AnalyticsFilter): Promise<readonly PerformanceRow[]> {
    const { text, cells } = spanOf(filter);
    const rows = `SELECT * FROM performance WHERE ${text} ORDER BY hold_id`;
    return await this.#reader.in(({ sql }) => sql.all(rows, ...cells).map(performanceTable.row));
  }

  async models({
    account,
    partition,
  }: Pick<AnalyticsFilter, 'account' | 'partition'>): Promise<readonly CostModelRow[]> {
    const { text, cells } = whereOf([
      ['account=?', account],
      ['partition=?', partition],
    ]);
    const rows = `SELECT * FROM cost_model WHERE ${text} ORDER BY partition, account, profile`;
    return await this.#reader.in(({ sql }) => sql.all(rows, ...cells).map(costModelTable.row));
  }

  close(): void {
    this.#reader.close();
  }
}
