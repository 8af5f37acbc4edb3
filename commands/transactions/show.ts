import { Args } from '@oclif/core';
import { TransactionDetails } from '../../schema/output/transaction.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { familyJson, familyText } from '../../src/cli/transaction-view.ts';
import { showTransaction } from '../../src/flows/transactions-show.ts';

export default class TransactionsShow extends AsbbCommand {
  static override readonly summary = 'Show a transaction, what it came from and what came of it.';
  static override readonly examples = [
    '<%= config.bin %> transactions show txn_1',
    '<%= config.bin %> transactions show 1000 --json',
  ];
  static override readonly args = {
    id: Args.string({
      required: true,
      description: 'Transaction id, numeric id, or the beginning of a hold’s id.',
    }),
  };
  static readonly output = TransactionDetails;

  async run(): Promise<TransactionDetails> {
    const { args, flags } = await this.parse(TransactionsShow);
    const ports = await this.ports(flags);
    const family = this.must(await showTransaction(args.id, ports));
    this.log(familyText(family, { zone: ports.zone, width: this.width() }));
    return familyJson(family);
  }
}
