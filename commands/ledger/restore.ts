import { Args } from '@oclif/core';
import { LedgerRestore as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { absolutePath } from '../../src/cli/flags.ts';

export default class LedgerRestore extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Put a backup in the place of the ledger, if it verifies.';
  static override readonly description =
    'The replaced ledger is kept beside it. What was posted since the backup is lost; run asbb maintain afterwards.';
  static override readonly examples = [
    '<%= config.bin %> ledger restore /backup/asbb-2026-11-21.db',
  ];
  static override readonly args = {
    file: Args.string({ required: true, description: 'What ledger backup wrote.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(LedgerRestore);
    const { care } = await this.ports(flags);
    const restored = absolutePath(args.file);
    const kept = await this.during('restoring', care.restore(restored));
    this.log(`Restored ${restored}.`);
    if (kept !== '') {
      this.log(`The replaced ledger is ${kept}.`);
    }
    return { restored, kept: kept === '' ? undefined : kept };
  }
}
