import { UsageOfAll as Output } from '../../schema/output/burn.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { usageFlags } from '../../src/cli/target-flags.ts';
import { allUsageJson, allUsageText } from '../../src/cli/usage-view.ts';
import { summarizeUsage } from '../../src/flows/usage.ts';

export default class UsageSummary extends AsbbCommand {
  static override readonly summary = 'Show what every account spent.';
  static override readonly examples = [
    '<%= config.bin %> usage summary',
    '<%= config.bin %> usage summary --start 2026-01-01 --end 2026-12-31 --group-by month',
    '<%= config.bin %> usage summary --json',
  ];
  static override readonly flags = usageFlags;
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(UsageSummary);
    const ports = await this.ports(flags);
    const query = { ...flags, groupBy: flags['group-by'], asOf: flags['as-of'] };
    const answer = this.must(await summarizeUsage(query, ports));
    const names = answer.accounts.map(({ accountName }) => accountName);
    const trends = this.hasTrends()
      ? await ports.spending.trends(names, answer.fromDay)
      : undefined;
    this.log(allUsageText(answer, trends, flags.wide ? undefined : this.width()));
    return allUsageJson(answer);
  }
}
