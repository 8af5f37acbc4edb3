import type { Projection } from '../core/burn/project.ts';
import type { BurnMetrics } from '../core/burn/rate.ts';
import { dayText } from '../core/grant/calendar.ts';
import { toDollars } from '../core/money/money.ts';
import {
  compared,
  fraction,
  multiplied,
  NOTHING,
  type Ratio,
  toCents,
  toFixed,
} from '../core/money/ratio.ts';
import type { BurnAnswer } from '../flows/burn-rate.ts';
import { activeAlertsText, NOT_ENOUGH, outsideText, signed } from './burn-view.ts';
import { blockText } from './table.ts';

// The burn rate in `grant show` (budget.md 2.4): the original's words, other than those of `burn-rate`.

const HUNDRED = fraction('100');

function dollars(micros: Ratio): string {
  return toDollars(toCents(micros));
}

function analysisText(metrics: BurnMetrics): string {
  const { variance } = metrics;
  return blockText('Burn Rate Analysis (Last 30 Days)', {
    'Current Daily Rate': `${dollars(metrics.dailySpend)} (Expected: ${dollars(metrics.dailyExpected)})`,
    Variance:
      compared(variance, NOTHING) === 0 ? undefined : `${signed(variance)} (${metrics.status})`,
    '7-Day Average': dollars(metrics.rolling7),
    '30-Day Average': dollars(metrics.rolling30),
    'Budget Health Score': `${toFixed(metrics.healthScore, 1)}% (${metrics.health})`,
  });
}

function projectionText(projection: Projection | undefined): string {
  if (projection === undefined) {
    return `Projection:\n  ${NOT_ENOUGH}`;
  }
  const { overrun, underrun, depletionDay } = projection;
  const isOver = compared(overrun, NOTHING) > 0;
  return blockText('Projection', {
    'Projected End Spend': dollars(projection.finalSpend),
    [isOver ? 'Projected Overrun' : 'Projected Underrun']: dollars(isOver ? overrun : underrun),
    'Projected Depletion': depletionDay === undefined ? undefined : dayText(depletionDay),
    'Risk Level': projection.risk,
    Confidence: `${toFixed(multiplied(projection.confidence, HUNDRED), 0)}%`,
  });
}

export function grantBurnText(answer: BurnAnswer): string {
  const { metrics, alerts } = answer;
  return [
    analysisText(metrics),
    blockText('Budget Status', {
      Remaining: `${toDollars(metrics.remaining)} (${toFixed(metrics.remainingPercent, 1)}%)`,
      'Outside SLURM': outsideText(answer),
      'Days Remaining': String(metrics.timeRemainingDays),
    }),
    projectionText(answer.projection),
    ...(alerts.length === 0 ? [] : [activeAlertsText(answer)]),
    ['Recommendations:', ...answer.recommendations.map((text) => `  ${text}`)].join('\n'),
  ].join('\n\n');
}
