import { Flags } from '@oclif/core';
import { TransactionExport } from '../../schema/output/transaction.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { isCost } from '../../src/cli/export/focus.ts';
import { EXPORT_FORMATS, JSON_NEEDS_FILE, pour, pourInto } from '../../src/cli/export/pour.ts';
import { transactionFlags } from '../../src/cli/flags.ts';
import { outputFile } from '../../src/cli/output-file.ts';
import { exportTransactions } from '../../src/flows/transactions-export.ts';

export default class TransactionsExport extends AsbbCommand {
  static override readonly summary = 'Export transactions, oldest first, for other programs.';
  static override readonly description =
    'csv and jsonl have the rows of transactions list, focus the costs as FOCUS 1.2; hledger has whole ' +
    'transactions with all their postings, so its balances are those of the books.';
  static override readonly examples = [
    '<%= config.bin %> transactions export --format csv --account ml-7 --last 30d',
    '<%= config.bin %> transactions export --format hledger --output /tmp/books.journal',
    '<%= config.bin %> transactions export --format focus --start 2026-11-01 --end 2026-11-30',
  ];
  static override readonly flags = {
    format: Flags.option({ options: EXPORT_FORMATS, default: 'csv' })({
      summary: 'Of the export.',
    }),
    ...transactionFlags,
    limit: Flags.integer({ summary: 'Rows at most; all without.', min: 1 }),
    offset: Flags.integer({ summary: 'Rows to leave out first.', min: 0 }),
    output: Flags.string({ char: 'o', summary: 'Write to this file.', helpValue: '<file>' }),
  };
  static readonly output = TransactionExport;

  async run(): Promise<TransactionExport> {
    const { flags } = await this.parse(TransactionsExport);
    const { format, output } = flags;
    if (output === undefined && this.jsonEnabled()) {
      return this.must<TransactionExport>(JSON_NEEDS_FILE);
    }
    const ports = await this.ports(flags);
    const hasRow = format === 'focus' ? isCost : undefined;
    const query = { ...flags, isWhole: format === 'hledger', hasRow };
    const file = output === undefined ? '' : this.must(outputFile(output, ports.settings));
    const made = this.must(await exportTransactions(query, ports));
    const how = { format, cluster: ports.settings.slurm.cluster_name };
    if (output === undefined) {
      return { format, output: '-', count: await pour(made, how, process.stdout) };
    }
    const count = await pourInto(file, async (out) => await pour(made, how, out));
    this.note(`${count} written to ${output}`);
    return { format, output, count };
  }
}
