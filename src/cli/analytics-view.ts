import type {
  AccuracyReport as AccuracyJson,
  PerformanceReport as PerformanceJson,
} from '../../schema/output/analytics.ts';
import type { Accuracy, PerformanceSummary } from '../core/analytics/accuracy.ts';
import { dayText, momentText } from '../core/grant/calendar.ts';
import {
  exactly,
  fraction,
  multiplied,
  type Ratio,
  toFixed,
  toNumber,
} from '../core/money/ratio.ts';
import type { AccuracyReport, PerformanceReport } from '../flows/analytics.ts';
import { blockText, type Column } from './table.ts';

const DIGITS = 4;
const HUNDRED = exactly(100);

function figures(accuracy: Accuracy): Omit<AccuracyJson['partitions'][number], 'partition'> {
  return {
    jobs: accuracy.jobs,
    mean_accuracy: toNumber(accuracy.meanAccuracy, DIGITS),
    within_10_percent: toNumber(accuracy.withinTen, DIGITS),
    mean_ratio: toNumber(accuracy.meanRatio, DIGITS),
    median_ratio: toNumber(accuracy.medianRatio, DIGITS),
    mean_deviation_pct: toNumber(accuracy.meanDeviation, DIGITS),
    below_target: accuracy.isFlagged,
  };
}

export function accuracyJson(report: AccuracyReport): AccuracyJson {
  return {
    period: report.period.text,
    start_date: dayText(report.fromDay),
    end_date: dayText(report.toDay),
    cost_model_accuracy: toNumber(report.all.meanAccuracy, DIGITS),
    ...figures(report.all),
    accuracy_threshold: report.thresholds.accuracy,
    variance_threshold: report.thresholds.variance,
    partitions: report.partitions.map(([partition, own]) => ({ partition, ...figures(own) })),
    models: report.models.map((row) => ({
      account: row.account,
      partition: row.partition,
      profile: row.profile,
      factor: toNumber(fraction(row.factor), DIGITS),
      samples: row.samples,
      mean_accuracy: toNumber(fraction(row.meanAccuracy), DIGITS),
      updated_at: momentText(row.updatedUs),
    })),
  };
}

function percent(share: Ratio): string {
  return `${toFixed(multiplied(share, HUNDRED), 1)}%`;
}

export function accuracyText(report: AccuracyReport): string {
  const { all, period } = report;
  return blockText(`Cost Estimation Accuracy, ${period.text}`, {
    Period: `${dayText(report.fromDay)} to ${dayText(report.toDay)}`,
    Jobs: String(all.jobs),
    'Mean Accuracy': percent(all.meanAccuracy),
    'Within 10%': `${percent(all.withinTen)} of the jobs (target: above 90%)`,
    'Mean Ratio': toFixed(all.meanRatio, DIGITS),
    'Median Ratio': toFixed(all.medianRatio, DIGITS),
    'Mean Deviation': `${toFixed(all.meanDeviation, 1)}%`,
    Verdict: all.isFlagged ? 'below target' : 'on target',
  });
}

export const NO_JOBS = 'No reconciled jobs in this period.';

type PartitionRow = AccuracyReport['partitions'][number];

export const ACCURACY_COLUMNS: readonly Column<PartitionRow>[] = [
  { title: 'PARTITION', cell: ([partition]) => partition, isKey: true },
  { title: 'JOBS', cell: ([, own]) => String(own.jobs), align: 'right' },
  { title: 'ACCURACY', cell: ([, own]) => percent(own.meanAccuracy), align: 'right' },
  { title: 'WITHIN_10', cell: ([, own]) => percent(own.withinTen), align: 'right' },
  { title: 'MEAN', cell: ([, own]) => toFixed(own.meanRatio, 3), align: 'right' },
  { title: 'MEDIAN', cell: ([, own]) => toFixed(own.medianRatio, 3), align: 'right' },
  { title: 'VERDICT', cell: ([, own]) => (own.isFlagged ? 'below target' : 'on target') },
];

function share(value: Ratio | undefined): string {
  return value === undefined ? '-' : percent(value);
}

function shareOrNone(value: Ratio | undefined): number | undefined {
  return value === undefined ? undefined : toNumber(value, DIGITS);
}

function nameOf({ profile }: PerformanceSummary): string {
  return profile === '' ? '(none)' : profile;
}

export const PERFORMANCE_COLUMNS: readonly Column<PerformanceSummary>[] = [
  { title: 'PROFILE', cell: nameOf, isKey: true },
  { title: 'JOBS', cell: ({ jobs }) => String(jobs), align: 'right' },
  { title: 'CPU', cell: ({ cpu }) => share(cpu), align: 'right' },
  { title: 'MEMORY', cell: ({ memory }) => share(memory), align: 'right' },
  { title: 'GPU', cell: ({ gpu }) => share(gpu), align: 'right' },
  { title: 'RATIO', cell: ({ ratio }) => toFixed(ratio, 3), align: 'right' },
];

export function adviceLines({ profiles }: PerformanceReport): readonly string[] {
  return profiles.flatMap((each) => each.advice.map((text) => `- ${nameOf(each)}: ${text}`));
}

export function performanceJson(report: PerformanceReport): PerformanceJson {
  return {
    period: report.period.text,
    start_date: dayText(report.fromDay),
    end_date: dayText(report.toDay),
    profiles: report.profiles.map((own) => ({
      performance_profile: own.profile,
      jobs: own.jobs,
      cpu_efficiency: shareOrNone(own.cpu),
      memory_efficiency: shareOrNone(own.memory),
      gpu_efficiency: shareOrNone(own.gpu),
      actual_vs_estimated_ratio: toNumber(own.ratio, DIGITS),
      resource_recommendations: [...own.advice],
    })),
  };
}
