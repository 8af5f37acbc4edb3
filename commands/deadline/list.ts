import { Flags } from '@oclif/core';
import { type Deadline, DeadlineList as Output } from '../../schema/output/alert.ts';
import { DEADLINE_COLUMNS, deadlineJson } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { listDeadlines } from '../../src/flows/deadlines.ts';

export default class DeadlineList extends AsbbCommand {
  static override readonly summary = 'List dates that matter, the next one first.';
  static override readonly description =
    'Those that were written down, and the reports that grants owe: late ones and the next, with --days ' +
    'or --all the later ones too.';
  static override readonly examples = [
    '<%= config.bin %> deadline list',
    '<%= config.bin %> deadline list --account ml-7 --days 365 --json',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Only of this account.', env: 'ASBB_ACCOUNT' }),
    grant: Flags.string({ summary: 'Only of this grant and its accounts.', helpValue: '<number>' }),
    days: Flags.integer({ summary: 'So many days ahead.' }),
    all: Flags.boolean({ summary: 'Those that are over, and every report to come.' }),
    wide: Flags.boolean({ summary: 'Cut nothing, however wide the table gets.' }),
  };
  static readonly output = Output;

  async run(): Promise<readonly Deadline[]> {
    const { flags } = await this.parse(DeadlineList);
    const { rows, today } = this.must(await listDeadlines(flags, await this.ports(flags)));
    const dated = rows.map((report) => ({ report, today }));
    this.table(DEADLINE_COLUMNS, dated, { empty: 'No deadlines found.', isWide: flags.wide });
    return dated.map(deadlineJson);
  }
}
