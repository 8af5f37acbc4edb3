import type { BurnRateRow } from '../core/burn/measure.ts';
import type { DaySum } from '../core/burn/plan.ts';

/** Daily burn rates for outside readers (budget.md 1.9): no part of the books, made again at any time. */
export interface BurnCache {
  /** What was measured of the account, oldest first: the day and what was spent on it then. */
  measured(accountId: number): Promise<readonly DaySum[]>;
  /** Puts the rows in the place of earlier ones, all or none. */
  put(rows: readonly BurnRateRow[]): Promise<void>;
  close(): void;
}
