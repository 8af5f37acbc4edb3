import { Args } from '@oclif/core';
import { LedgerBackup as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { absolutePath } from '../../src/cli/flags.ts';

export default class LedgerBackup extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Copy the ledger beside live hooks; the copy is checked.';
  static override readonly description =
    'Copying the file with cp is no backup: committed data may stand only in the WAL.';
  static override readonly examples = [
    '<%= config.bin %> ledger backup /backup/asbb-2026-11-21.db',
  ];
  static override readonly args = {
    file: Args.string({ required: true, description: 'Must not exist yet.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(LedgerBackup);
    const { care } = await this.ports(flags);
    const file = absolutePath(args.file);
    const bytes = await this.during('copying', care.backup(file));
    this.log(`Saved ${file} (${bytes} bytes).`);
    return { file, bytes };
  }
}
