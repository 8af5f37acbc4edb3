import { Flags } from '@oclif/core';
import { Correction } from '../../schema/output/correction.ts';
import { CorrectionCommand } from '../../src/cli/correction-command.ts';
import { accountArg, changeFlags } from '../../src/cli/flags.ts';
import { adjustAccount } from '../../src/flows/account-adjust.ts';

export default class AccountAdjust extends CorrectionCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Correct what an account has used, without a charge.';
  static override readonly description =
    'For costs of no single job. Above budget.second_person_above it is only proposed.';
  static override readonly examples = [
    '<%= config.bin %> account adjust ml-7 --amount 12.50 --reason "storage of March"',
    '<%= config.bin %> account adjust ml-7 --amount 7.25 --reason "image build" --partition aws --dry-run',
  ];
  static override readonly args = { account: accountArg };
  static override readonly flags = {
    amount: Flags.string({
      summary: 'Dollars to add to what is used; negative takes off.',
      required: true,
      helpValue: '<usd>',
    }),
    reason: Flags.string({ summary: 'Why; it is kept with the transaction.', required: true }),
    partition: Flags.string({ summary: 'Where it was used.' }),
    force: Flags.boolean({ summary: 'Although the books of the grant should be closed.' }),
    ...changeFlags,
  };
  static readonly output = Correction;

  async run(): Promise<Correction> {
    const { args, flags } = await this.parse(AccountAdjust);
    const ports = await this.ports(flags);
    const asked = { ...flags, account: args.account, dryRun: flags['dry-run'] };
    return this.corrected(this.must(await adjustAccount(asked, ports)));
  }
}
