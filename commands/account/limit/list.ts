import { type PartitionLimit, PartitionLimitList } from '../../../schema/output/account.ts';
import { AccountCommand } from '../../../src/cli/account-command.ts';
import { NO_LIMITS, PARTITION_COLUMNS, partitionJson } from '../../../src/cli/account-view.ts';
import { readAccountArg } from '../../../src/cli/flags.ts';
import { showAccount } from '../../../src/flows/account-read.ts';

export default class AccountLimitList extends AccountCommand {
  static override readonly summary = 'List the partition limits of an account.';
  static override readonly examples = ['<%= config.bin %> account limit list ml-7'];
  static override readonly args = { account: readAccountArg };
  static readonly output = PartitionLimitList;

  async run(): Promise<readonly PartitionLimit[]> {
    const { args, flags } = await this.parse(AccountLimitList);
    const ports = await this.ports(flags);
    const report = this.must(await showAccount(this.accountOf(args), ports));
    const { partitions } = report.figures;
    this.table(PARTITION_COLUMNS, partitions, { empty: NO_LIMITS });
    return partitions.map(partitionJson);
  }
}
