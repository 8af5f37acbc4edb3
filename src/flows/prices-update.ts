import type { PriceTable } from '../core/burst/prices.ts';
import type { Settings } from '../core/config/settings.ts';
import { type Refused, refused } from '../core/errors.ts';
import type { Rate } from '../core/money/rate.ts';
import type { PriceFile, PriceList } from '../ports/prices.ts';

export interface PricesPorts {
  readonly settings: Settings;
  readonly priceList: PriceList;
  readonly priceFile: PriceFile;
  /** YYYY-MM-DD of today at the site. */
  readonly today: string;
}

export interface PriceRow {
  readonly type: string;
  /** What the file said; undefined: nothing, or it was of another region. */
  readonly before: Rate | undefined;
  readonly now: Rate;
}

export interface PricesUpdate {
  readonly file: string;
  readonly date: string;
  readonly region: string;
  readonly rows: readonly PriceRow[];
  readonly isWritten: boolean;
}

/** Types of all node groups in the region; those with an `on_demand_price` too, for comparison. */
function typesIn({ slurm }: Settings, region: string): readonly string[] {
  const groups = slurm.partitions.flatMap(({ node_groups }) => node_groups);
  const types = groups
    .filter((group) => group.region === region)
    .flatMap(({ launch_template_overrides }) => launch_template_overrides)
    .map(({ instance_type }) => instance_type);
  return [...new Set(types)].toSorted();
}

/**
 * Asks AWS what the configured instance types cost and writes `cost.price_file`: all of them or
 * nothing, since a type without a price would stop every job of its partition.
 */
export async function updatePrices(
  { isDryRun }: { readonly isDryRun: boolean },
  { settings, priceList, priceFile, today }: PricesPorts,
): Promise<PricesUpdate | Refused> {
  const { region } = settings.aws;
  const types = typesIn(settings, region);
  if (types.length === 0) {
    return refused('VALIDATION_ERROR', `no node group in ${region} names an instance type`, {
      advice: 'see asbb config show',
    });
  }
  const old = priceFile.read();
  const rates = new Map<string, Rate>();
  for (const type of types) {
    const rate = await priceList.onDemand(type, region);
    if (rate === undefined) {
      return refused('NOT_FOUND', `AWS lists no single on-demand price for ${type} in ${region}`, {
        advice: 'correct its name, or set its on_demand_price; the price file is as it was',
        fields: { type, region },
      });
    }
    rates.set(type, rate);
  }
  const table: PriceTable = { date: today, region, rates };
  if (!isDryRun) {
    priceFile.write(table);
  }
  const known = old?.region === region ? old.rates : new Map<string, Rate>();
  return {
    file: settings.cost.price_file,
    date: today,
    region,
    rows: [...rates].map(([type, now]) => ({ type, before: known.get(type), now })),
    isWritten: !isDryRun,
  };
}
