import { Args, Flags } from '@oclif/core';
import { Reversal } from '../../schema/output/correction.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { blockText } from '../../src/cli/table.ts';
import { reverse } from '../../src/flows/transactions-reverse.ts';

export default class TransactionsReverse extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Take back a fund, allocation, lapse or transfer.';
  static override readonly examples = [
    '<%= config.bin %> transactions reverse txn_2 --reason "wrong account"',
    '<%= config.bin %> transactions reverse alloc_1_20260101 --reason "too early" --dry-run',
  ];
  static override readonly args = {
    id: Args.string({ required: true, description: 'Transaction id.' }),
  };
  static override readonly flags = {
    reason: Flags.string({ summary: 'Why; it is kept with the transaction.', required: true }),
    'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  };
  static readonly output = Reversal;

  async run(): Promise<Reversal> {
    const { args, flags } = await this.parse(TransactionsReverse);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: Boolean(flags['dry-run']) };
    const { seq, reverses, isDryRun } = this.must(await reverse(asked, ports));
    const ids = { transaction_id: `txn_${seq}`, reverses: `txn_${reverses}` };
    this.log(
      blockText(isDryRun ? 'Dry run: nothing was posted. It would be' : 'Reversal', {
        'Transaction ID': ids.transaction_id,
        Reverses: ids.reverses,
      }),
    );
    return { ...ids, ...(isDryRun && { dry_run: true }) };
  }
}
