import type { Pricing } from '../../../core/burst/price-job.ts';
import type { CostInbox } from '../../../ports/cost-inbox.ts';

/** What a pass needs for jobs that no instance tells the cost of. */
export interface LocalCosts {
  readonly inbox: Omit<CostInbox, 'read'>;
  readonly pricing: () => Pricing;
  /** Price the elapsed time of jobs whose cost nobody tells. */
  readonly mayPrice: boolean;
}
