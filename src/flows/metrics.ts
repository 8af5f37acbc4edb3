import { metricFamilies } from '../core/metrics/families.ts';
import type { MetricFamily } from '../core/metrics/prometheus.ts';
import { gatherMetrics, type MetricsPorts } from './steps/gather-metrics.ts';

/** `asbb metrics` (budget.md 3.11): what there is now, by name; writes nothing. */
export async function metrics(ports: MetricsPorts): Promise<readonly MetricFamily[]> {
  const { facts } = await gatherMetrics(ports);
  return metricFamilies(facts, ports.settings.metrics);
}
