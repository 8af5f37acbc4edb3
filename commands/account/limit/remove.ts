import { Flags } from '@oclif/core';
import { ChangedAccount } from '../../../schema/output/account.ts';
import { AccountCommand } from '../../../src/cli/account-command.ts';
import { limitsText } from '../../../src/cli/account-view.ts';
import { accountArg, changeFlags } from '../../../src/cli/flags.ts';
import { removeLimit } from '../../../src/flows/account-limit.ts';

export default class AccountLimitRemove extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Take the limit of a partition away.';
  static override readonly examples = [
    '<%= config.bin %> account limit remove ml-7 --partition gpu',
  ];
  static override readonly args = { account: accountArg };
  static override readonly flags = {
    partition: Flags.string({ summary: 'Partition in SLURM.', required: true }),
    ...changeFlags,
  };
  static readonly output = ChangedAccount;

  async run(): Promise<ChangedAccount> {
    const { args, flags } = await this.parse(AccountLimitRemove);
    const ports = await this.ports(flags);
    const asked = { ...flags, account: args.account, dryRun: flags['dry-run'] };
    const done = this.must(await removeLimit(asked, ports));
    return this.changed(done, ports, (report) => limitsText(report, this.width()));
  }
}
