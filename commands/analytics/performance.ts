import { Flags } from '@oclif/core';
import { PerformanceReport as Output } from '../../schema/output/analytics.ts';
import { analyticsFlags } from '../../src/cli/analytics-flags.ts';
import {
  adviceLines,
  NO_JOBS,
  PERFORMANCE_COLUMNS,
  performanceJson,
} from '../../src/cli/analytics-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { performanceReport } from '../../src/flows/analytics.ts';
import { withAnalytics } from '../../src/wiring/analytics.ts';

export default class AnalyticsPerformance extends AsbbCommand {
  static override readonly summary = 'What jobs made of the resources they asked for.';
  static override readonly examples = [
    '<%= config.bin %> analytics performance --profile=compute_intensive',
    '<%= config.bin %> analytics performance --period 90d --json',
  ];
  static override readonly flags = {
    ...analyticsFlags,
    profile: Flags.string({ summary: 'Only jobs of this kind.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(AnalyticsPerformance);
    const ports = await this.ports(flags);
    const query = { ...flags, asOf: flags['as-of'] };
    const report = this.must(await withAnalytics(ports, (own) => performanceReport(query, own)));
    this.table(PERFORMANCE_COLUMNS, report.profiles, { empty: NO_JOBS });
    for (const line of adviceLines(report)) {
      this.log(line);
    }
    return performanceJson(report);
  }
}
