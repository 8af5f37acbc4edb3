import { AccuracyReport as Output } from '../../schema/output/analytics.ts';
import { analyticsFlags } from '../../src/cli/analytics-flags.ts';
import {
  ACCURACY_COLUMNS,
  accuracyJson,
  accuracyText,
  NO_JOBS,
} from '../../src/cli/analytics-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { accuracyReport } from '../../src/flows/analytics.ts';
import { withAnalytics } from '../../src/wiring/analytics.ts';

export default class AnalyticsAccuracy extends AsbbCommand {
  static override readonly summary = 'How near estimates came to real costs.';
  static override readonly examples = [
    '<%= config.bin %> analytics accuracy --period=30d',
    '<%= config.bin %> analytics accuracy --partition aws --json',
  ];
  static override readonly flags = { ...analyticsFlags };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(AnalyticsAccuracy);
    const ports = await this.ports(flags);
    const query = { ...flags, asOf: flags['as-of'] };
    const report = this.must(await withAnalytics(ports, (own) => accuracyReport(query, own)));
    if (report.all.jobs === 0) {
      this.log(NO_JOBS);
    } else {
      this.log(`${accuracyText(report)}\n`);
      this.table(ACCURACY_COLUMNS, report.partitions, { empty: NO_JOBS });
    }
    return accuracyJson(report);
  }
}
