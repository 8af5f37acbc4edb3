import { readFileSync } from 'node:fs';
import type { PriceTable } from '../../core/burst/prices.ts';
import type { Settings } from '../../core/config/settings.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import { rateFromE10 } from '../../core/money/storage.ts';

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/u;
const LARGEST_E10 = 15_000_000_000_000;

function broken(path: string, reason: string, cause?: unknown): Fault {
  return new Fault(`the price table ${path} ${reason}`, {
    cause,
    exitCode: EXIT.usage,
    advice: 'see cost.price_file',
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function rowOf(item: unknown, path: string): readonly [string, ReturnType<typeof rateFromE10>] {
  const [type, e10] = [field(item, 'type'), field(item, 'od_e10')];
  const isPrice =
    typeof e10 === 'number' && Number.isSafeInteger(e10) && e10 > 0 && e10 <= LARGEST_E10;
  if (typeof type !== 'string' || !isPrice) {
    throw broken(path, `has a row without type and od_e10: ${JSON.stringify(item).slice(0, 80)}`);
  }
  return [type, rateFromE10(BigInt(e10))];
}

function tableOf(text: string, path: string): PriceTable {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw broken(path, 'is not JSON', cause);
  }
  const [date, region] = [field(document, 'date'), field(document, 'region')];
  const items = field(document, 'items');
  if (typeof date !== 'string' || !DATE.test(date) || typeof region !== 'string') {
    throw broken(path, 'has no date and region');
  }
  if (field(document, 'currency') !== 'USD' || !Array.isArray(items)) {
    throw broken(path, 'has no items in USD');
  }
  return { date, region, rates: new Map(items.map((item: unknown) => rowOf(item, path))) };
}

/** `cost.price_file` (burst.md 8.0); undefined when there is none. Fault 2 when it is not such a table. */
export function readPriceTable(path: string): PriceTable | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined; // then only on_demand_price of the configuration is known
  }
  return tableOf(text, path);
}

/** False: the configuration itself names every price, and the table need not be read. */
export function needsPriceTable({ slurm }: Settings): boolean {
  return slurm.partitions.some((partition) =>
    partition.node_groups.some((group) =>
      group.launch_template_overrides.some(({ on_demand_price }) => on_demand_price === undefined),
    ),
  );
}
