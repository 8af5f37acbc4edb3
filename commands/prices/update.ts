import { Flags } from '@oclif/core';
import { PricesUpdate as Output } from '../../schema/output/prices.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { PRICE_COLUMNS, pricesJson } from '../../src/cli/prices-view.ts';
import { updatePrices } from '../../src/flows/prices-update.ts';
import { pricesWiring } from '../../src/wiring/prices.ts';

export default class PricesUpdate extends AsbbCommand {
  static override readonly summary = 'Ask AWS what the configured instance types cost.';
  static override readonly description =
    'Writes cost.price_file, from which jobs are priced where on_demand_price is not set: all types or, ' +
    'when AWS has no single price for one, nothing. Needs pricing:GetProducts.';
  static override readonly examples = [
    '<%= config.bin %> prices update --dry-run',
    '<%= config.bin %> prices update --json',
  ];
  static override readonly role = 'administrator';
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'Show the prices; write nothing.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(PricesUpdate);
    const ports = pricesWiring(await this.ports(flags));
    const options = { isDryRun: flags['dry-run'] };
    const found = this.must(await this.during('asking AWS', updatePrices(options, ports)));
    this.table(PRICE_COLUMNS, found.rows, { empty: '' });
    this.log(found.isWritten ? `${found.file} was written.` : 'A dry run: nothing was written.');
    return pricesJson(found);
  }
}
