import { AccountStatus } from '../schema/output/check.ts';
import { AccountCommand } from '../src/cli/account-command.ts';
import { statusJson, statusText } from '../src/cli/check-view.ts';
import { readAccountArg } from '../src/cli/flags.ts';
import { oneAccount } from '../src/flows/steps/ask-account.ts';

export default class Status extends AccountCommand {
  static override readonly summary = 'Show an account in three lines.';
  static override readonly examples = [
    '<%= config.bin %> status ml-7',
    '<%= config.bin %> status ml-7 --json',
  ];
  static override readonly args = { account: readAccountArg };
  static readonly output = AccountStatus;

  async run(): Promise<AccountStatus> {
    const { args, flags } = await this.parse(Status);
    const ports = await this.ports(flags);
    const report = this.must(await oneAccount(this.accountOf(args), ports.reports));
    const status = statusJson(report, this.eyes(ports));
    this.log(statusText(status));
    return status;
  }
}
