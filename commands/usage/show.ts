import { Usage as Output } from '../../schema/output/burn.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { readAccountArg } from '../../src/cli/flags.ts';
import { usageFlags } from '../../src/cli/target-flags.ts';
import { usageJson, usageText } from '../../src/cli/usage-view.ts';
import { showUsage } from '../../src/flows/usage.ts';

export default class UsageShow extends AccountCommand {
  static override readonly summary = 'Show what one account spent, and on what.';
  static override readonly examples = [
    '<%= config.bin %> usage show ml-7',
    '<%= config.bin %> usage show ml-7 --start 2026-01-01 --end 2026-12-31 --group-by user',
    '<%= config.bin %> usage show ml-7 --group-by partition --json',
  ];
  static override readonly args = { account: readAccountArg };
  static override readonly flags = usageFlags;
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(UsageShow);
    const account = this.accountOf(args);
    const ports = await this.ports(flags);
    const query = { ...flags, groupBy: flags['group-by'], asOf: flags['as-of'] };
    const answer = this.must(await showUsage(account, query, ports));
    this.log(usageText(answer, flags.wide ? undefined : this.width()));
    return usageJson(answer);
  }
}
