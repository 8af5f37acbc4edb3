import { Flags } from '@oclif/core';
import { ChangedAccount } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { accountArg, changeFlags } from '../../src/cli/flags.ts';
import { depositOn } from '../../src/flows/account-deposit.ts';

export default class AccountDeposit extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Put money into an account: its limit grows by it.';
  static override readonly examples = [
    '<%= config.bin %> account deposit ml-7 --amount 250.50 --reason "March top-up"',
    '<%= config.bin %> account deposit ml-7 --amount 100 --key march-2026 --json',
  ];
  static override readonly args = { account: accountArg };
  static override readonly flags = {
    amount: Flags.string({ summary: 'Dollars, more than 0.', required: true, helpValue: '<usd>' }),
    reason: Flags.string({ summary: 'Why; it is kept with the transaction.' }),
    ...changeFlags,
  };
  static readonly output = ChangedAccount;

  async run(): Promise<ChangedAccount> {
    const { args, flags } = await this.parse(AccountDeposit);
    const ports = await this.ports(flags);
    const asked = { ...flags, account: args.account, dryRun: flags['dry-run'] };
    return this.changed(this.must(await depositOn(asked, ports)), ports);
  }
}
