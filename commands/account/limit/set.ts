import { Flags } from '@oclif/core';
import { ChangedAccount } from '../../../schema/output/account.ts';
import { AccountCommand } from '../../../src/cli/account-command.ts';
import { limitsText } from '../../../src/cli/account-view.ts';
import { accountArg, changeFlags } from '../../../src/cli/flags.ts';
import { setLimit } from '../../../src/flows/account-limit.ts';

export default class AccountLimitSet extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Limit what an account may use on one partition.';
  static override readonly examples = [
    '<%= config.bin %> account limit set ml-7 --partition aws --limit 300',
    '<%= config.bin %> account limit set ml-7 --partition gpu --limit 0',
  ];
  static override readonly args = { account: accountArg };
  static override readonly flags = {
    partition: Flags.string({ summary: 'Partition in SLURM.', required: true }),
    limit: Flags.string({ summary: 'Dollars; 0 closes it.', required: true, helpValue: '<usd>' }),
    force: Flags.boolean({ summary: 'Also a limit below what is used and held there.' }),
    ...changeFlags,
  };
  static readonly output = ChangedAccount;

  async run(): Promise<ChangedAccount> {
    const { args, flags } = await this.parse(AccountLimitSet);
    const ports = await this.ports(flags);
    const asked = { ...flags, account: args.account, dryRun: flags['dry-run'] };
    const done = this.must(await setLimit(asked, ports));
    return this.changed(done, ports, (report) => limitsText(report, this.width()));
  }
}
