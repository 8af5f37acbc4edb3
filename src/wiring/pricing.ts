import { needsPriceTable, readPriceTable } from '../adapters/pricing/price-file.ts';
import { FileVolumes } from '../adapters/system/file-volumes.ts';
import type { Pricing } from '../core/burst/price-job.ts';
import { onDemandRates } from '../core/burst/prices.ts';
import { knownVolumeRate } from '../core/burst/volumes.ts';
import type { Settings } from '../core/config/settings.ts';

/** What nodes cost, by configuration and price table; the table is read only when it is needed. */
export function pricingOf(settings: Settings): Pricing {
  const table = needsPriceTable(settings) ? readPriceTable(settings.cost.price_file) : undefined;
  const known = settings.cost.include_ebs ? new FileVolumes(settings.slurm.state_dir).read() : {};
  return {
    settings,
    rateOf: onDemandRates(settings, table),
    priceDate: table?.date ?? '',
    volumeRateOf: knownVolumeRate(settings, known),
  };
}
