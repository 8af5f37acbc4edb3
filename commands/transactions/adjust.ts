import { Flags } from '@oclif/core';
import { Correction } from '../../schema/output/correction.ts';
import { CorrectionCommand, chargeArg, correctionFlags } from '../../src/cli/correction-command.ts';
import { correct } from '../../src/flows/transactions-correct.ts';

export default class TransactionsAdjust extends CorrectionCommand {
  static override readonly role = 'administrator';
  static override readonly summary =
    'Correct a charge; above a sum set by the site only propose it.';
  static override readonly examples = [
    '<%= config.bin %> transactions adjust txn_14 --amount -3.50 --reason "bill of March"',
    '<%= config.bin %> transactions adjust txn_14 --amount 12 --reason "bill" --dry-run',
  ];
  static override readonly args = { id: chargeArg };
  static override readonly flags = {
    amount: Flags.string({
      summary: 'Dollars to add; negative takes off.',
      required: true,
      helpValue: '<usd>',
    }),
    force: Flags.boolean({ summary: 'Although the books of the grant should be closed.' }),
    ...correctionFlags,
  };
  static readonly output = Correction;

  async run(): Promise<Correction> {
    const { args, flags } = await this.parse(TransactionsAdjust);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    return this.corrected(this.must(await correct('transactions adjust', asked, ports)));
  }
}
