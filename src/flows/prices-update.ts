import { AUTO, autoTypes, hasAuto } from '../core/burst/candidates.ts';
import type { PriceTable } from '../core/burst/prices.ts';
import type { Settings } from '../core/config/settings.ts';
import { type Refused, refused } from '../core/errors.ts';
import type { Rate } from '../core/money/rate.ts';
import type { CatalogStore } from '../ports/catalog.ts';
import type { PriceFile, PriceList } from '../ports/prices.ts';
import { cachedCatalog } from './steps/known-types.ts';

export interface PricesPorts {
  readonly settings: Settings;
  readonly priceList: PriceList;
  readonly priceFile: PriceFile;
  readonly catalog: CatalogStore;
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

interface AskedTypes {
  /** Of all node groups in the region; those with an `on_demand_price` too, for comparison. */
  readonly named: ReadonlySet<string>;
  /** What `auto` may choose: without a price a type is not chosen. */
  readonly chosen: readonly string[];
}

function typesIn(ports: PricesPorts, region: string): AskedTypes {
  const groups = ports.settings.slurm.partitions
    .flatMap(({ node_groups }) => node_groups)
    .filter((group) => group.region === region);
  const named = groups
    .flatMap(({ launch_template_overrides }) => launch_template_overrides)
    .map(({ instance_type }) => instance_type)
    .filter((type) => type !== AUTO);
  const catalog = cachedCatalog(ports);
  const chosen = groups.filter(hasAuto).flatMap((group) => autoTypes(group, catalog));
  return { named: new Set(named), chosen };
}

/**
 * Asks AWS what the configured instance types cost and writes `cost.price_file`: all of them or
 * nothing, since a type without a price would stop every job of its partition.
 */
export async function updatePrices(
  { isDryRun }: { readonly isDryRun: boolean },
  ports: PricesPorts,
): Promise<PricesUpdate | Refused> {
  const { settings, priceList, priceFile, today } = ports;
  const { region } = settings.aws;
  const { named, chosen } = typesIn(ports, region);
  const types = [...new Set([...named, ...chosen])].toSorted();
  if (types.length === 0) {
    return refused('VALIDATION_ERROR', `no node group in ${region} names an instance type`, {
      advice: 'see asbb config show',
    });
  }
  const old = priceFile.read();
  const rates = new Map<string, Rate>();
  for (const type of types) {
    const rate = await priceList.onDemand(type, region);
    if (rate === undefined && named.has(type)) {
      return refused('NOT_FOUND', `AWS lists no single on-demand price for ${type} in ${region}`, {
        advice: 'correct its name, or set its on_demand_price; the price file is as it was',
        fields: { type, region },
      });
    }
    if (rate !== undefined) {
      rates.set(type, rate);
    }
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
