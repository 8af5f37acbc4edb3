import { Flags } from '@oclif/core';
import { LedgerRestore as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { rollbackLedger } from '../../src/flows/ledger-rollback.ts';

export default class DatabaseRollback extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Restore what was saved before the last migration.';
  static override readonly description =
    'What was posted since is lost; without --force the command refuses and names the file.';
  static override readonly examples = ['<%= config.bin %> database rollback --force'];
  static override readonly flags = {
    force: Flags.boolean({ summary: 'Lose what was posted since.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(DatabaseRollback);
    const ports = await this.ports(flags);
    const { restored, kept } = this.must(await rollbackLedger({ force: flags.force }, ports));
    this.log(`Restored ${restored}.\nThe replaced ledger is ${kept}.`);
    return { restored, kept };
  }
}
