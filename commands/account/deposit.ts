import { Flags } from '@oclif/core';
import { ChangedAccount } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { accountArg, changeFlags } from '../../src/cli/flags.ts';
import { depositOn } from '../../src/flows/account-deposit.ts';

export default class AccountDeposit extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Put money into an account: its limit grows by it.';
  static override readonly description =
    'With --grant, or where the account has nothing but one grant, the award of the grant gives it.';
  static override readonly examples = [
    '<%= config.bin %> account deposit ml-7 --amount 250.50 --reason "March top-up"',
    '<%= config.bin %> account deposit ml-7 --amount 100 --key march-2026 --json',
    '<%= config.bin %> account deposit ml-7 --amount 50 --grant NSF-2024-12345 --dry-run',
  ];
  static override readonly args = { account: accountArg };
  static override readonly flags = {
    amount: Flags.string({ summary: 'Dollars, more than 0.', required: true, helpValue: '<usd>' }),
    grant: Flags.string({ summary: 'Grant that gives it.', helpValue: '<number>' }),
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
