import { AccountDetails } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { accountText, detailsJson } from '../../src/cli/account-view.ts';
import { readAccountArg } from '../../src/cli/flags.ts';
import { showAccount } from '../../src/flows/account-read.ts';

export default class AccountShow extends AccountCommand {
  static override readonly summary =
    'Show one account: its money, its state, its partition limits.';
  static override readonly examples = [
    '<%= config.bin %> account show ml-7',
    '<%= config.bin %> account show ml-7 --json',
  ];
  static override readonly args = { account: readAccountArg };
  static readonly output = AccountDetails;

  async run(): Promise<AccountDetails> {
    const { args, flags } = await this.parse(AccountShow);
    const ports = await this.ports(flags);
    const report = this.must(await showAccount(this.accountOf(args), ports));
    const eyes = this.eyes(ports);
    this.log(accountText(report, eyes, this.width()));
    return detailsJson(report, eyes);
  }
}
