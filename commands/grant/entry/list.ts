import { Flags } from '@oclif/core';
import { type GrantEntry, GrantEntryList } from '../../../schema/output/grant.ts';
import { grantArg } from '../../../src/cli/flags.ts';
import { GrantCommand } from '../../../src/cli/grant-command.ts';
import { entryJson } from '../../../src/cli/grant-json.ts';
import { ENTRY_COLUMNS } from '../../../src/cli/grant-view.ts';
import { listGrantEntries } from '../../../src/flows/grant-entry.ts';

export default class GrantEntryListCommand extends GrantCommand {
  static override readonly summary = 'List what was recorded on a grant beside SLURM jobs.';
  static override readonly examples = [
    '<%= config.bin %> grant entry list NSF-2024-12345',
    '<%= config.bin %> grant entry list NSF-2024-12345 --json',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    wide: Flags.boolean({ summary: 'Cut nothing, however wide the table gets.' }),
  };
  static readonly output = GrantEntryList;

  async run(): Promise<readonly GrantEntry[]> {
    const { args, flags } = await this.parse(GrantEntryListCommand);
    const ports = await this.grantPorts(flags);
    const rows = this.must(await listGrantEntries(args.grant, ports));
    this.table(ENTRY_COLUMNS, rows, { empty: 'No entries found.', isWide: flags.wide });
    return rows.map((row) => entryJson(row, args.grant));
  }
}
