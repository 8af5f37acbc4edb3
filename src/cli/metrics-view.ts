import type { Metrics } from '../../schema/output/metrics.ts';
import { type MetricFamily, prometheusText } from '../core/metrics/prometheus.ts';

export const metricsText = prometheusText;

export function metricsJson(families: readonly MetricFamily[]): Metrics {
  return families.map((family) => ({
    ...family,
    samples: family.samples.map(({ labels, value }) => ({ labels: { ...labels }, value })),
  }));
}
