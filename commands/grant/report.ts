import { Args, Flags } from '@oclif/core';
import { GrantReport } from '../../schema/output/grant-report.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { badTwice } from '../../src/cli/guard.ts';
import { outputFile } from '../../src/cli/output-file.ts';
import { reportJson } from '../../src/cli/report/json.ts';
import {
  REPORT_FORMATS,
  REPORT_TYPES,
  rendered,
  writeReport,
} from '../../src/cli/report/render.ts';
import { reportGrant } from '../../src/flows/grant-report.ts';
import { submitReport } from '../../src/flows/grant-submit.ts';

export default class GrantReportCommand extends AsbbCommand {
  static override readonly summary = 'Report on a grant: SF-425 lines, compliance, use, burn-down.';
  static override readonly description =
    'Prepares figures; it certifies nothing. Without --period or --start and --end: from the beginning ' +
    'to the last reporting period that is over. The same --as-of yields the same bytes again.';
  static override readonly examples = [
    '<%= config.bin %> grant report NSF-2024-12345',
    '<%= config.bin %> grant report NSF-2024-12345 --type compliance --json',
    '<%= config.bin %> grant report NSF-2024-12345 --format pdf --output /tmp/report.pdf',
    '<%= config.bin %> grant report NSF-2024-12345 --format agency-required --as-of 2026-10-31',
  ];
  static override readonly args = {
    number: Args.string({ description: 'Number of the grant; or --number.' }),
  };
  static override readonly flags = {
    number: Flags.string({ summary: 'Number of the grant, instead of the argument.' }),
    type: Flags.option({ options: REPORT_TYPES, default: 'financial' })({
      summary: 'What the report is about.',
    }),
    format: Flags.option({ options: REPORT_FORMATS, default: 'table' })({
      summary: 'A table, or a document; agency-required has the layout of the SF-425.',
    }),
    period: Flags.integer({ summary: 'Of this budget period.', min: 1 }),
    start: Flags.string({ summary: 'From this day on, YYYY-MM-DD.' }),
    end: Flags.string({ summary: 'Up to this day, YYYY-MM-DD.' }),
    'include-details': Flags.boolean({ summary: 'Every charge.' }),
    explain: Flags.boolean({ summary: 'The journal entries behind each line.' }),
    output: Flags.string({ char: 'o', summary: 'Write to this file.', helpValue: '<file>' }),
    'mark-submitted': Flags.string({
      summary: 'Keep that this report was handed in on this day.',
      helpValue: '<date>',
    }),
    'as-of': Flags.string({ summary: 'As the books stood then, a date or RFC 3339.' }),
    wide: Flags.boolean({ summary: 'Cut nothing, however wide the table gets.' }),
  };
  static readonly output = GrantReport;

  async run(): Promise<GrantReport> {
    const { args, flags } = await this.parse(GrantReportCommand);
    const number = this.needed(args.number ?? flags.number, 'number');
    this.must(badTwice('number', number, flags.number));
    const ports = await this.ports(flags);
    const file =
      flags.output === undefined ? undefined : this.must(outputFile(flags.output, ports.settings));
    const { explain: isExplained, 'include-details': isDetailed, 'as-of': asOf } = flags;
    const ask = { ...flags, number, asOf, isDetailed, isExplained };
    const report = this.must(await reportGrant(ask, ports));
    const width = flags.wide || flags.output !== undefined ? undefined : this.width();
    const bytes = this.must(await rendered(report, flags.format, width));
    const submitted = flags['mark-submitted'];
    const mark = submitted === undefined ? undefined : { number, endDay: report.endDay, submitted };
    if (mark !== undefined) {
      this.must(await submitReport(mark, ports, 'try'));
    }
    if (file !== undefined) {
      writeReport(file, bytes);
      this.note(`written to ${flags.output}`);
    } else if (!this.jsonEnabled()) {
      process.stdout.write(bytes);
    }
    if (mark !== undefined) {
      const done = this.must(await submitReport(mark, ports, 'do'));
      this.note(`the ${done.kind} report to ${done.period_end} was submitted ${done.submitted}`);
    }
    return reportJson(report);
  }
}
