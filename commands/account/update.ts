import { Flags } from '@oclif/core';
import { ChangedAccount } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { accountArg, changeFlags } from '../../src/cli/flags.ts';
import { updateAccount } from '../../src/flows/account-update.ts';

export default class AccountUpdate extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Change an account; what is not given stays.';
  static override readonly examples = [
    '<%= config.bin %> account update ml-7 --budget 1500',
    '<%= config.bin %> account update ml-7 --end 2027-06-30 --status active --dry-run',
    '<%= config.bin %> account update ml-7b --parent ""',
  ];
  static override readonly args = { account: accountArg };
  static override readonly flags = {
    name: Flags.string({ summary: 'What people call it.' }),
    description: Flags.string({ summary: 'What it is for.' }),
    budget: Flags.string({ summary: 'New limit in dollars.', helpValue: '<usd>' }),
    start: Flags.string({ summary: 'First day, YYYY-MM-DD.' }),
    end: Flags.string({ summary: 'Last day, YYYY-MM-DD; it is included.' }),
    status: Flags.option({
      summary: 'Only an active account can hold money.',
      options: ['active', 'inactive', 'suspended'] as const,
    })(),
    parent: Flags.string({ summary: 'Account whose limit it must fit as well; "" for none.' }),
    'slurm-account': Flags.string({
      summary: 'All other SLURM accounts that draw on it; repeatable.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'federal-share': Flags.string({
      summary: 'Federal part of its charges on grants, 0 to 1; the rest is cost share.',
      helpValue: '<share>',
    }),
    force: Flags.boolean({ summary: 'Also a limit below what is used and held.' }),
    ...changeFlags,
  };
  static readonly output = ChangedAccount;

  async run(): Promise<ChangedAccount> {
    const { args, flags } = await this.parse(AccountUpdate);
    const ports = await this.ports(flags);
    const asked = {
      ...flags,
      account: args.account,
      federalShare: flags['federal-share'],
      slurmAccounts: flags['slurm-account']?.filter((name) => name !== ''),
      dryRun: flags['dry-run'],
    };
    return this.changed(this.must(await updateAccount(asked, ports)), ports);
  }
}
