import { placeMetrics } from '../adapters/system/metrics-file.ts';
import type { MetricsPorts } from '../flows/steps/gather-metrics.ts';
import type { FullPorts } from './full.ts';

/** Of `asbb metrics`; `place` writes the file of a node exporter. */
export function metricsWiring(
  ports: FullPorts,
): MetricsPorts & { readonly place: (path: string, text: string) => void } {
  return { ...ports, place: placeMetrics };
}
