import type { Projection } from '../core/burn/project.ts';
import type { BurnMetrics } from '../core/burn/rate.ts';
import { dayText } from '../core/grant/calendar.ts';
import { escapeControls } from '../core/ledger/user-line.ts';
import { isZero, toDollars } from '../core/money/money.ts';
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
import type { ForecastAnswer } from '../flows/forecast.ts';
import type { AlertReport } from '../ports/reports.ts';

const HUNDRED = fraction('100');
export const NOT_ENOUGH = 'not enough data (7 complete days are needed)';

function dollars(micros: Ratio): string {
  return toDollars(toCents(micros));
}

/** `+16.5%`: the sign always shows. */
export function signed(value: Ratio): string {
  const text = toFixed(value, 1);
  return text.startsWith('-') ? `${text}%` : `+${text}%`;
}

function confidence(value: Ratio): string {
  return `${toFixed(multiplied(value, HUNDRED), 0)}%`;
}

function isVariance({ variance }: BurnMetrics): boolean {
  return compared(variance, NOTHING) !== 0;
}

/** The three lines that the original's documents show. */
function headline(metrics: BurnMetrics): readonly string[] {
  const { dailySpend, dailyExpected, variance, status, healthScore, health } = metrics;
  return [
    `Daily Rate: ${dollars(dailySpend)} (Expected: ${dollars(dailyExpected)})`,
    ...(isVariance(metrics) ? [`Variance: ${signed(variance)} (${status})`] : []),
    `Health Score: ${toFixed(healthScore, 0)}% (${health})`,
  ];
}

/** A grant has costs that no rate counts, and a reader must know. */
export function outsideText({ outside }: BurnAnswer): string | undefined {
  return isZero(outside)
    ? undefined
    : `${toDollars(outside)}, in Remaining, not in the rates (burn-rate --all-costs)`;
}

function metricsText(answer: BurnAnswer): string {
  const { metrics } = answer;
  const outside = outsideText(answer);
  const { dailySpend, dailyExpected, variance, status, healthScore, health } = metrics;
  const remaining = `${toDollars(metrics.remaining)} (${toFixed(metrics.remainingPercent, 1)}% of total)`;
  return [
    'Current Metrics:',
    `  Daily Spend Rate: ${dollars(dailySpend)} (Expected: ${dollars(dailyExpected)})`,
    ...(isVariance(metrics) ? [`  Variance: ${signed(variance)} (${status.toLowerCase()})`] : []),
    `  Budget Health: ${toFixed(healthScore, 1)}% (${health})`,
    '',
    'Rolling Averages:',
    `  7-Day Average: ${dollars(metrics.rolling7)}/day`,
    `  30-Day Average: ${dollars(metrics.rolling30)}/day`,
    '',
    'Budget Status:',
    `  Remaining: ${remaining}`,
    ...(outside === undefined ? [] : [`  Outside SLURM: ${outside}`]),
    `  Time Remaining: ${metrics.timeRemainingDays} days`,
  ].join('\n');
}

function projectionText(projection: Projection | undefined): string {
  if (projection === undefined) {
    return `Projection Analysis:\n  ${NOT_ENOUGH}`;
  }
  const { overrun, underrun, depletionDay, low, high } = projection;
  const isOver = compared(overrun, NOTHING) > 0;
  return [
    'Projection Analysis:',
    `  Projected Final Spend: ${dollars(projection.finalSpend)}`,
    `  Confidence Band: ${dollars(low)} to ${dollars(high)} (95%)`,
    isOver
      ? `  Projected Overrun: ${dollars(overrun)}`
      : `  Projected Underrun: ${dollars(underrun)}`,
    ...(depletionDay === undefined ? [] : [`  Projected Depletion: ${dayText(depletionDay)}`]),
    `  Risk Level: ${projection.risk} (${confidence(projection.confidence)} confidence)`,
  ].join('\n');
}

function alertLine({ row }: AlertReport): string {
  return `  [${row.severity.toUpperCase()}] ${row.type.toUpperCase()}: ${escapeControls(row.message)}`;
}

/** `burn-rate --alerts-only`. */
export function activeAlertsText({ spender, alerts }: BurnAnswer): string {
  return alerts.length === 0
    ? `No active alerts for ${spender.name}`
    : [`Active Alerts for ${spender.name}:`, ...alerts.map(alertLine)].join('\n');
}

/** `burn-rate` (budget.md 2.4). */
export function burnText(answer: BurnAnswer, withProjection: boolean): string {
  const { spender, metrics, period, alerts } = answer;
  const { from, to } = metrics.window;
  return [
    [
      `Burn Rate Analysis: ${spender.name}`,
      `Analysis Period: ${period.text} (${dayText(from)} to ${dayText(to)})`,
      ...headline(metrics),
    ].join('\n'),
    metricsText(answer),
    ...(withProjection ? [projectionText(answer.projection)] : []),
    ...(alerts.length === 0 ? [] : [activeAlertsText(answer)]),
    ['Recommendations:', ...answer.recommendations.map((text) => `  ${text}`)].join('\n'),
  ].join('\n\n');
}

/** `forecast` (budget.md 2.5). */
export function forecastText({ forecast }: ForecastAnswer): string {
  const { projectedSpend, depletionDay } = forecast;
  const isKnown = projectedSpend !== undefined;
  const depletion = depletionDay === undefined ? 'none before end' : dayText(depletionDay);
  return [
    `Projected Spend: ${isKnown ? dollars(projectedSpend) : NOT_ENOUGH}`,
    ...(isKnown ? [`Projected Depletion: ${depletion}`] : []),
    `Burn Rate: ${dollars(forecast.burnRate)}/day`,
    ...(isKnown ? [`Confidence: ${confidence(forecast.confidence)}`] : []),
    `Recommendation: ${forecast.recommendation}`,
  ].join('\n');
}
