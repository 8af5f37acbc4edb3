import { parseRate, type Rate, toE10Text } from '../money/rate.ts';
import type { PriceTable } from './prices.ts';

/** One price of one product of the price list, as text. */
export interface ListedPrice {
  readonly attributes: Readonly<Record<string, string>>;
  readonly unit: string;
  /** Dollars; undefined: in another currency only. */
  readonly usd?: string | undefined;
  /** True for one price from the first hour on; false for a tier of many. */
  readonly isFlat: boolean;
}

const WANTED = {
  operatingSystem: 'Linux',
  preInstalledSw: 'NA',
  tenancy: 'Shared',
  capacitystatus: 'Used',
} as const;

/** The filters of the request: what a plain instance of that type is in the price list. */
export function priceFilters(
  instanceType: string,
  region: string,
): Readonly<Record<string, string>> {
  return { instanceType, regionCode: region, ...WANTED };
}

/**
 * On-demand dollars per hour of the type; undefined when the list says nothing, or two different
 * things: a price is never guessed. Reserved capacity, free and foreign prices do not count.
 */
export function onDemandPrice(
  listed: readonly ListedPrice[],
  instanceType: string,
  region: string,
): Rate | undefined {
  const wanted = Object.entries(priceFilters(instanceType, region));
  const rates = listed
    .filter(({ attributes }) => wanted.every(([name, value]) => attributes[name] === value))
    .filter(({ unit, isFlat }) => unit === 'Hrs' && isFlat)
    .flatMap(({ usd }) => (usd === undefined ? [] : [parseRate(usd)]))
    .filter((rate) => rate !== undefined)
    .filter((rate) => toE10Text(rate) !== '0');
  const [rate, ...others] = [...new Set(rates)];
  return others.length === 0 ? rate : undefined;
}

/** The text of `cost.price_file` (burst.md 8.0), types in order. */
export function priceTableText({ date, region, rates }: PriceTable): string {
  const items = [...rates]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, rate]) => `  {"type":${JSON.stringify(type)},"od_e10":${toE10Text(rate)}}`);
  const head = `{"date":"${date}","region":${JSON.stringify(region)},"currency":"USD","items":[`;
  return `${head}\n${items.join(',\n')}\n]}\n`;
}
