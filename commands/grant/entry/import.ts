import { Flags } from '@oclif/core';
import { ImportedEntries } from '../../../schema/output/grant.ts';
import { absolutePath, grantArg } from '../../../src/cli/flags.ts';
import { GrantCommand } from '../../../src/cli/grant-command.ts';
import { importGrantEntries } from '../../../src/flows/grant-entry.ts';
import { readTextFile } from '../../../src/wiring/text-file.ts';

export default class GrantEntryImport extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Record the entries of a CSV file on a grant.';
  static override readonly description =
    'The header names the columns: date, category, kind, amount, share, in_mtdc, reference, subaward, notes; date, category, amount and reference are needed. Every line is read before the first is recorded. The reference is the key of a line: a file may be imported again.';
  static override readonly examples = [
    '<%= config.bin %> grant entry import NSF-2024-12345 --csv /tmp/entries.csv',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    csv: Flags.string({ summary: 'The file.', required: true, helpValue: '<file>' }),
    force: Flags.boolean({ summary: 'Although the liquidation period is over.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  };
  static readonly output = ImportedEntries;

  async run(): Promise<ImportedEntries> {
    const { args, flags } = await this.parse(GrantEntryImport);
    const ports = await this.grantPorts(flags);
    const csv = this.must(readTextFile(absolutePath(flags.csv), 'csv'));
    const dryRun = flags['dry-run'];
    const asked = { number: args.grant, csv, force: flags.force, dryRun };
    return this.imported(args.grant, this.must(await importGrantEntries(asked, ports)), dryRun);
  }
}
