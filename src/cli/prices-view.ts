import type { PricesUpdate as Output } from '../../schema/output/prices.ts';
import { toDecimal } from '../core/money/money.ts';
import { microsPerHour, toE10Text } from '../core/money/rate.ts';
import type { PriceRow, PricesUpdate } from '../flows/prices-update.ts';
import type { Column } from './table.ts';

export const PRICE_COLUMNS: readonly Column<PriceRow>[] = [
  { title: 'INSTANCE TYPE', cell: ({ type }) => type },
  { title: '$/H', cell: ({ now }) => toDecimal(microsPerHour(now)), align: 'right' },
  {
    title: 'BEFORE',
    cell: ({ before }) => (before === undefined ? '-' : toDecimal(microsPerHour(before))),
    align: 'right',
  },
];

export function pricesJson({ file, date, region, rows, isWritten }: PricesUpdate): Output {
  return {
    file,
    date,
    region,
    written: isWritten,
    prices: rows.map(({ type, before, now }) => ({
      instance_type: type,
      on_demand_per_hour: microsPerHour(now),
      on_demand_e10: toE10Text(now),
      ...(before !== undefined && { before_per_hour: microsPerHour(before) }),
    })),
  };
}
