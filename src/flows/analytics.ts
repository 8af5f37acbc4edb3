import {
  type Accuracy,
  accuracyOf,
  type PerformanceSummary,
  performanceOf,
} from '../core/analytics/accuracy.ts';
import { type Period, parsePeriod, periodStart } from '../core/burn/period.ts';
import type { Settings } from '../core/config/settings.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import type { CostModelRow } from '../core/estimate/learning.ts';
import { dayOf, parseDate } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { fraction } from '../core/money/ratio.ts';
import type { Analytics } from '../ports/analytics.ts';
import type { Reports } from '../ports/reports.ts';
import type { Clock } from '../ports/system.ts';
import { oneAccount } from './steps/ask-account.ts';
import { unknownPartition } from './steps/unknown-partition.ts';

export interface AnalyticsPorts {
  readonly analytics: Analytics;
  readonly reports: Reports;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly settings: Settings;
}

export interface AnalyticsQuery {
  /** `30d`, `6m`. */
  readonly period: string;
  readonly account?: string | undefined;
  readonly partition?: string | undefined;
  readonly profile?: string | undefined;
  /** YYYY-MM-DD in place of today. */
  readonly asOf?: string | undefined;
}

interface Span {
  readonly period: Period;
  readonly fromDay: number;
  readonly toDay: number;
}

export interface AccuracyReport extends Span {
  readonly all: Accuracy;
  readonly partitions: readonly (readonly [partition: string, accuracy: Accuracy])[];
  readonly models: readonly CostModelRow[];
  readonly thresholds: { readonly accuracy: number; readonly variance: number };
}

export interface PerformanceReport extends Span {
  readonly profiles: readonly PerformanceSummary[];
}

const MICROS = 1_000_000;

/** Up to today, which counts: what was told this morning is known. */
async function spanOf(query: AnalyticsQuery, ports: AnalyticsPorts): Promise<Span | Refused> {
  const { asOf } = query;
  const period = parsePeriod(query.period);
  if (period === undefined) {
    const text = `--period ${query.period.slice(0, 40)}: not a period`;
    return invalid('period', text, 'use 7d, 4w, 6m or 1y');
  }
  const { timezone: zone } = ports.settings.site;
  const now = dayOf(Math.floor(ports.clock.nowUs() / MICROS), zone);
  const toDay = asOf === undefined ? now : parseDate(asOf, zone);
  if (toDay === undefined) {
    return invalid('as_of', `--as-of ${asOf?.slice(0, 40)}: not a date`, 'use YYYY-MM-DD');
  }
  const known =
    query.account === undefined ? undefined : await oneAccount(query.account, ports.reports);
  const unknown = isRefused(known) ? known : await unknownPartition(query.partition, ports);
  return unknown ?? { period, fromDay: periodStart(toDay, period), toDay };
}

function groups<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): readonly (readonly [string, readonly Row[]])[] {
  const all = Map.groupBy(rows, nameOf);
  return [...all].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** `analytics accuracy` (budget.md 4.12). VALIDATION_ERROR; NOT_FOUND. */
export async function accuracyReport(
  query: AnalyticsQuery,
  ports: AnalyticsPorts,
): Promise<AccuracyReport | Refused> {
  const span = await spanOf(query, ports);
  if (isRefused(span)) {
    return span;
  }
  const { account, partition } = query;
  const rows = await ports.analytics.reconciliations({ ...span, account, partition });
  const learning = ports.settings.asbx_integration.cost_model_learning;
  const [accuracy, variance] = [learning.accuracy_threshold, learning.variance_threshold];
  const thresholds = { accuracy: fraction(String(accuracy)), variance: fraction(String(variance)) };
  return {
    ...span,
    all: accuracyOf(rows, thresholds),
    partitions: groups(rows, (row) => row.partition).map(([name, own]) => [
      name,
      accuracyOf(own, thresholds),
    ]),
    models: await ports.analytics.models({ account, partition }),
    thresholds: { accuracy, variance },
  };
}

/** `analytics performance`: means by profile. VALIDATION_ERROR; NOT_FOUND. */
export async function performanceReport(
  query: AnalyticsQuery,
  ports: AnalyticsPorts,
): Promise<PerformanceReport | Refused> {
  const span = await spanOf(query, ports);
  if (isRefused(span)) {
    return span;
  }
  const { account, partition, profile } = query;
  const rows = await ports.analytics.performance({ ...span, account, partition, profile });
  return {
    ...span,
    profiles: groups(rows, (row) => row.profile).map(([name, own]) => performanceOf(name, own)),
  };
}
