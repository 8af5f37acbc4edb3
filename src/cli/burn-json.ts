import type { BurnRate, Forecast as ForecastJson } from '../../schema/output/burn.ts';
import type { Forecast } from '../core/burn/forecast.ts';
import type { Projection } from '../core/burn/project.ts';
import type { BurnDay, BurnMetrics } from '../core/burn/rate.ts';
import { dayText, momentText } from '../core/grant/calendar.ts';
import { type Ratio, toCents, toNumber } from '../core/money/ratio.ts';
import type { BurnAnswer } from '../flows/burn-rate.ts';
import type { AlertReport } from '../ports/reports.ts';

const PERCENT_DIGITS = 4;
const SCORE_DIGITS = 2;

function percent(value: Ratio): number {
  return toNumber(value, PERCENT_DIGITS);
}

function score(value: Ratio): number {
  return toNumber(value, SCORE_DIGITS);
}

function metricsJson(metrics: BurnMetrics): BurnRate['current_metrics'] {
  return {
    daily_spend_rate: toCents(metrics.dailySpend),
    daily_expected_rate: toCents(metrics.dailyExpected),
    variance_percentage: percent(metrics.variance),
    rolling_7day_average: toCents(metrics.rolling7),
    rolling_30day_average: toCents(metrics.rolling30),
    cumulative_spend: metrics.cumulativeSpend,
    cumulative_expected: toCents(metrics.cumulativeExpected),
    cumulative_variance_pct: percent(metrics.cumulativeVariance),
    budget_health_score: score(metrics.healthScore),
    budget_remaining_amount: metrics.remaining,
    budget_remaining_percent: percent(metrics.remainingPercent),
    time_remaining_days: metrics.timeRemainingDays,
    burn_rate_status: metrics.status,
    budget_health_status: metrics.health,
  };
}

function dayJson(day: BurnDay): BurnRate['historical_data'][number] {
  return {
    date: dayText(day.day),
    daily_spend: day.spent,
    daily_expected: toCents(day.expected),
    variance_percentage: percent(day.variance),
    cumulative_spend: day.cumulativeSpend,
    cumulative_expected: toCents(day.cumulativeExpected),
    budget_health_score: score(day.healthScore),
  };
}

function projectionJson(projection: Projection): NonNullable<BurnRate['projection']> {
  const { depletionDay } = projection;
  return {
    projected_end_date: dayText(projection.endDay),
    projected_depletion_date: depletionDay === undefined ? undefined : dayText(depletionDay),
    projected_final_spend: toCents(projection.finalSpend),
    projected_low: toCents(projection.low),
    projected_high: toCents(projection.high),
    projected_overrun: toCents(projection.overrun),
    projected_underrun: toCents(projection.underrun),
    confidence_level: score(projection.confidence),
    projection_method: 'rolling_average',
    risk_level: projection.risk,
  };
}

function alertJson({
  row,
  accountName,
  grantNumber,
}: AlertReport): NonNullable<BurnRate['alerts']>[number] {
  return {
    id: row.alertId,
    account: accountName,
    grant_number: grantNumber,
    alert_type: row.type,
    severity: row.severity,
    threshold_value: Number(row.threshold),
    actual_value: Number(row.actual),
    message: row.message,
    triggered_at: momentText(row.triggeredUs),
    status: row.status,
  };
}

/** budget.md 3.7, with the projection where it is asked for. */
export function burnJson(answer: BurnAnswer, withProjection: boolean): BurnRate {
  const { spender, metrics, projection } = answer;
  const { window } = metrics;
  const [account = '', ...more] = spender.accountNames;
  return {
    account: more.length === 0 ? account : '',
    grant_number: spender.grantNumber,
    analysis_period: answer.period.text,
    time_range: {
      start_date: dayText(window.from),
      end_date: dayText(window.to),
      days: window.days,
    },
    current_metrics: metricsJson(metrics),
    outside_slurm: spender.kind === 'grant' ? answer.outside : undefined,
    historical_data: answer.days.map(dayJson),
    projection: withProjection && projection !== undefined ? projectionJson(projection) : undefined,
    alerts: answer.alerts.map(alertJson),
    recommendations: [...answer.recommendations],
  };
}

export function forecastJson(forecast: Forecast): ForecastJson {
  const { projectedSpend, depletionDay } = forecast;
  return {
    projected_spend: projectedSpend === undefined ? undefined : toCents(projectedSpend),
    projected_depletion: depletionDay === undefined ? undefined : dayText(depletionDay),
    burn_rate: toCents(forecast.burnRate),
    confidence: score(forecast.confidence),
    recommendation: forecast.recommendation,
  };
}
