import type { PriceTable } from '../core/burst/prices.ts';
import type { Rate } from '../core/money/rate.ts';

/** On-demand prices as AWS publishes them. Fault 75 when it does not answer. */
export interface PriceList {
  /** Per hour, Linux, shared tenancy; undefined: not in the list, or not one price. */
  onDemand(instanceType: string, region: string): Promise<Rate | undefined>;
}

/** `cost.price_file` (burst.md 8.0). */
export interface PriceFile {
  /** Undefined: there is none. Fault 2 when it is no such table. */
  read(): PriceTable | undefined;
  /** Whole or not at all. */
  write(table: PriceTable): void;
}
