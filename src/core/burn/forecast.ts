import { NOTHING, type Ratio } from '../money/ratio.ts';
import type { Plan } from './plan.ts';
import { project } from './project.ts';
import { rollingAverage } from './rate.ts';
import { type Outlook, recommendations } from './recommend.ts';

/** budget.md 3.5. Money ratios are micro-dollars. */
export interface Forecast {
  /** Undefined with fewer than 7 complete days. */
  readonly projectedSpend: Ratio | undefined;
  readonly depletionDay: number | undefined;
  readonly burnRate: Ratio;
  /** 0 without a projection. */
  readonly confidence: Ratio;
  readonly recommendation: string;
}

/** By the rolling average of the last 30 complete days, or of `days`. */
export function forecastOf(
  plan: Plan,
  outlook: Omit<Outlook, 'projection'>,
  days?: number,
): Forecast {
  const projection = project(plan, days);
  const [recommendation = ''] = recommendations(plan, { ...outlook, projection });
  return {
    projectedSpend: projection?.finalSpend,
    depletionDay: projection?.depletionDay,
    burnRate: projection?.rate ?? rollingAverage(plan, days ?? 30),
    confidence: projection?.confidence ?? NOTHING,
    recommendation,
  };
}
