import type { CostModelRow } from '../core/estimate/learning.ts';
import type { PerformanceRow, ReconciliationRow } from '../core/estimate/records.ts';

/** Days are YYYYMMDD in the site zone, both included. */
export interface AnalyticsFilter {
  readonly fromDay: number;
  readonly toDay: number;
  readonly account?: string | undefined;
  readonly partition?: string | undefined;
  readonly profile?: string | undefined;
}

/** What estimates, costs and performance were (budget.md 1.11); one read transaction each. */
export interface Analytics {
  /** The newest reconciliation of each job in the span, with a real cost. */
  reconciliations(filter: AnalyticsFilter): Promise<readonly ReconciliationRow[]>;
  performance(filter: AnalyticsFilter): Promise<readonly PerformanceRow[]>;
  models(filter: Pick<AnalyticsFilter, 'account' | 'partition'>): Promise<readonly CostModelRow[]>;
  close(): void;
}
