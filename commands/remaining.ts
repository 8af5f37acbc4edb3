import { Remaining as Output } from '../schema/output/check.ts';
import { AccountCommand } from '../src/cli/account-command.ts';
import { remainingJson, remainingText } from '../src/cli/check-view.ts';
import { readAccountArg } from '../src/cli/flags.ts';
import { oneAccount } from '../src/flows/steps/ask-account.ts';

export default class Remaining extends AccountCommand {
  static override readonly summary = 'Print what an account has left, and nothing else.';
  static override readonly examples = [
    '<%= config.bin %> remaining ml-7',
    '<%= config.bin %> remaining ml-7 --json',
  ];
  static override readonly args = { account: readAccountArg };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(Remaining);
    const ports = await this.ports(flags);
    const report = this.must(await oneAccount(this.accountOf(args), ports.reports));
    this.log(remainingText(report));
    return remainingJson(report);
  }
}
