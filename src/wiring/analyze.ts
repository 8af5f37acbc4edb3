import { FileCatalog } from '../adapters/system/file-catalog.ts';
import type { AnalyzePorts } from '../flows/analyze-script.ts';
import type { FullPorts } from './full.ts';
import { pricingOf } from './pricing.ts';

/** Of `asbb burst analyze`: files alone. */
export function analyzeWiring({ settings }: FullPorts): AnalyzePorts {
  return {
    settings,
    catalog: new FileCatalog(settings.slurm.state_dir),
    rateOf: pricingOf(settings).rateOf,
  };
}
