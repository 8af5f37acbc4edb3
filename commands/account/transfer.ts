import { Args, Flags } from '@oclif/core';
import { ChangedAccount } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { transfer } from '../../src/flows/account-transfer.ts';

export default class AccountTransfer extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Move limit that is free from one account to another.';
  static override readonly description =
    'Both have a plain budget, or one on the same grant. Prints the giving account.';
  static override readonly examples = [
    '<%= config.bin %> account transfer ml-7 ml-7b --amount 50 --reason "shared run"',
    '<%= config.bin %> account transfer ml-7 ml-7b --amount 50 --reason "shared run" --dry-run',
  ];
  static override readonly args = {
    from: Args.string({ required: true, description: 'Account that gives.' }),
    to: Args.string({ required: true, description: 'Account that gets.' }),
  };
  static override readonly flags = {
    amount: Flags.string({ summary: 'Dollars, more than 0.', required: true, helpValue: '<usd>' }),
    reason: Flags.string({ summary: 'Why; it is kept with the transaction.', required: true }),
    ...changeFlags,
  };
  static readonly output = ChangedAccount;

  async run(): Promise<ChangedAccount> {
    const { args, flags } = await this.parse(AccountTransfer);
    const ports = await this.ports(flags);
    const asked = { ...flags, ...args, dryRun: flags['dry-run'] };
    return this.changed(this.must(await transfer(asked, ports)), ports);
  }
}
