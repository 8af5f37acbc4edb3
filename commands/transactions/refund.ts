import { Flags } from '@oclif/core';
import { Correction } from '../../schema/output/correction.ts';
import { CorrectionCommand, chargeArg, correctionFlags } from '../../src/cli/correction-command.ts';
import { correct } from '../../src/flows/transactions-correct.ts';

export default class TransactionsRefund extends CorrectionCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Give back a charge, or a part of it.';
  static override readonly examples = [
    '<%= config.bin %> transactions refund txn_14 --reason "node was broken"',
    '<%= config.bin %> transactions refund txn_14 --amount 5.25 --reason "half of it" --dry-run',
  ];
  static override readonly args = { id: chargeArg };
  static override readonly flags = {
    amount: Flags.string({
      summary: 'Dollars to give back; default: all that is left of it.',
      helpValue: '<usd>',
    }),
    ...correctionFlags,
  };
  static readonly output = Correction;

  async run(): Promise<Correction> {
    const { args, flags } = await this.parse(TransactionsRefund);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    return this.corrected(this.must(await correct('transactions refund', asked, ports)));
  }
}
