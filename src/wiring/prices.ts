import { AwsPriceList } from '../adapters/ec2/price-list.ts';
import { readPriceTable } from '../adapters/pricing/price-file.ts';
import { FileCatalog } from '../adapters/system/file-catalog.ts';
import { placeFile } from '../adapters/system/place-file.ts';
import { priceTableText } from '../core/burst/price-table.ts';
import { dayOf, dayText } from '../core/grant/calendar.ts';
import type { PricesPorts } from '../flows/prices-update.ts';
import type { FullPorts } from './full.ts';

/** Prices are no secret: submit reads them as the SlurmUser, people may too. */
const MODE = 0o644;
const MICROS = 1_000_000;

/** Of `asbb prices update`. */
export function pricesWiring({ settings, clock, zone }: FullPorts): PricesPorts {
  const file = settings.cost.price_file;
  return {
    settings,
    priceList: new AwsPriceList(settings),
    priceFile: {
      read: () => readPriceTable(file),
      write: (table) => placeFile(file, priceTableText(table), { mode: MODE }),
    },
    catalog: new FileCatalog(settings.slurm.state_dir),
    today: dayText(dayOf(Math.floor(clock.nowUs() / MICROS), zone)),
  };
}
