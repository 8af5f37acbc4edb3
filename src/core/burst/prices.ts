import type { NodeGroupSettings, Settings } from '../config/settings.ts';
import { discounted, parseRate, type Rate } from '../money/rate.ts';

/** On-demand prices of one region at one date (burst.md 8.0, `cost.price_file`). */
export interface PriceTable {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly region: string;
  readonly rates: ReadonlyMap<string, Rate>;
}

/** On-demand price per hour of a type in a node group; undefined: nobody knows it. */
export type RateOf = (group: NodeGroupSettings, instanceType: string) => Rate | undefined;

/** `c6i.*` and `*` as in the configuration: a star stands for anything. */
function matches(pattern: string, instanceType: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) {
    return pattern === instanceType;
  }
  let at = head.length;
  for (const [index, piece] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const found = isLast
      ? Math.max(at, instanceType.length - piece.length)
      : instanceType.indexOf(piece, at);
    if (found < 0 || !instanceType.startsWith(piece, found)) {
      return false;
    }
    at = found + piece.length;
  }
  return instanceType.startsWith(head) && at === instanceType.length;
}

/** The price less `cost.discount_percent` of the first pattern that fits (COST-7). */
export function withDiscount(
  rate: Rate,
  instanceType: string,
  discounts: Settings['cost']['discount_percent'],
): Rate {
  const percent = Object.entries(discounts).find(([pattern]) =>
    matches(pattern, instanceType),
  )?.[1];
  return percent === undefined ? rate : discounted(rate, percent);
}

function listPrice(
  group: NodeGroupSettings,
  instanceType: string,
  table: PriceTable | undefined,
): Rate | undefined {
  const override = group.launch_template_overrides.find(
    (candidate) => candidate.instance_type === instanceType,
  );
  const own = override?.on_demand_price;
  const listed = table?.region === group.region ? table.rates.get(instanceType) : undefined;
  return own === undefined ? listed : parseRate(own);
}

/** `on_demand_price` of the override, else the table of the group's region; less the site's discount. */
export function onDemandRates(settings: Settings, table: PriceTable | undefined): RateOf {
  return (group, instanceType) => {
    const rate = listPrice(group, instanceType, table);
    return rate === undefined
      ? undefined
      : withDiscount(rate, instanceType, settings.cost.discount_percent);
  };
}
