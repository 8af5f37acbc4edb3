import { type Transaction, TransactionList } from '../../schema/output/transaction.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { pageFlags, transactionFlags } from '../../src/cli/flags.ts';
import { transactionColumns, transactionJson } from '../../src/cli/transaction-view.ts';
import { listTransactions } from '../../src/flows/transactions-list.ts';

const ROWS = 100;

export default class TransactionsList extends AsbbCommand {
  static override readonly summary = 'List transactions, newest first.';
  static override readonly description =
    'Holds, charges, refunds, adjustments and allocations; with --all also fund, transfer and lapse, ' +
    'which change limits.';
  static override readonly examples = [
    '<%= config.bin %> transactions list --account ml-7 --last 30d',
    '<%= config.bin %> transactions list --type hold --status pending',
    '<%= config.bin %> transactions list --job 123_4 --json',
    '<%= config.bin %> transactions list --all --start 2026-01-01 --end 2026-12-31 --limit 5',
  ];
  static override readonly flags = {
    ...transactionFlags,
    ...pageFlags,
  };
  static readonly output = TransactionList;

  async run(): Promise<readonly Transaction[]> {
    const { flags } = await this.parse(TransactionsList);
    const ports = await this.ports(flags);
    const { limit = ROWS, offset = 0 } = flags;
    const found = this.must(await listTransactions({ ...flags, limit: limit + 1, offset }, ports));
    const rows = found.slice(0, limit);
    this.table(transactionColumns(ports.zone), rows, {
      empty: 'No transactions found.',
      isWide: flags.wide,
    });
    if (found.length > limit && flags.limit === undefined) {
      this.note(
        `these are the newest ${limit}; older ones: --offset ${offset + limit}, or --limit`,
      );
    }
    return rows.map(transactionJson);
  }
}
