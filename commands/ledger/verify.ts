import { Flags } from '@oclif/core';
import { LedgerVerify as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { CHECK_COLUMNS, verifyJson } from '../../src/cli/ledger-view.ts';

const INTEGRITY = 22;

export default class LedgerVerify extends AsbbCommand {
  static override readonly summary =
    'Check every invariant of the books; exit 22 if one is broken.';
  static override readonly description =
    'Never writes and runs beside live hooks. I20 (nothing hangs) is a warning unless --strict.';
  static override readonly examples = [
    '<%= config.bin %> ledger verify',
    '<%= config.bin %> ledger verify --json',
    '<%= config.bin %> ledger verify --strict',
  ];
  static override readonly flags = {
    heads: Flags.string({
      summary: 'A copy of heads.log: a head that is not in the chain is a failure.',
      helpValue: '<file>',
    }),
    strict: Flags.boolean({ summary: 'Warnings are failures.' }),
    file: Flags.string({ summary: 'Another file, such as a backup.', helpValue: '<file>' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(LedgerVerify);
    const { care } = await this.ports(flags);
    const { heads, strict, file } = flags;
    const report = await this.during('verifying', care.verify({ heads, strict, file }));
    this.table(CHECK_COLUMNS, report.checks, { empty: '' });
    for (const note of report.notes) {
      this.note(note);
    }
    if (!report.checks.every(({ ok }) => ok)) {
      this.endWith(INTEGRITY);
    }
    return verifyJson(report);
  }
}
