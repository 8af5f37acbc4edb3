import { LedgerMigrate as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { migrateJson, migrateText } from '../../src/cli/ledger-view.ts';

export default class LedgerMigrate extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Make the ledger, or bring it to the schema of this program.';
  static override readonly description =
    'Verifies and saves an older ledger first. Steps only go forward: going back is restoring that copy.';
  static override readonly examples = ['<%= config.bin %> ledger migrate'];
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(LedgerMigrate);
    const { care } = await this.ports(flags);
    const report = await this.during('migrating', care.migrate());
    this.log(migrateText(report));
    return migrateJson(report);
  }
}
