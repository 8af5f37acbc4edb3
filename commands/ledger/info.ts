import { LedgerInfo as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { infoJson, infoText } from '../../src/cli/ledger-view.ts';

export default class LedgerInfo extends AsbbCommand {
  static override readonly summary = 'Show where the ledger is, what is in it, and its state.';
  static override readonly examples = [
    '<%= config.bin %> ledger info',
    '<%= config.bin %> ledger info --json',
  ];
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(LedgerInfo);
    const { care } = await this.ports(flags);
    const info = await care.info();
    this.log(infoText(info));
    return infoJson(info);
  }
}
