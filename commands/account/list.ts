import { Flags } from '@oclif/core';
import { type Account, AccountList as Output } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { ACCOUNT_COLUMNS, accountJson } from '../../src/cli/account-view.ts';
import { pageFlags } from '../../src/cli/flags.ts';
import { listAccounts } from '../../src/flows/account-read.ts';

export default class AccountList extends AccountCommand {
  static override readonly summary = 'List the budget accounts, newest first.';
  static override readonly examples = [
    '<%= config.bin %> account list',
    '<%= config.bin %> account list --status active --limit 20 --json',
  ];
  static override readonly flags = {
    status: Flags.option({
      summary: 'Only accounts of this status.',
      options: ['active', 'inactive', 'suspended', 'expired'] as const,
    })(),
    grant: Flags.string({ summary: 'Only accounts that draw on this grant.' }),
    ...pageFlags,
  };
  static readonly output = Output;

  async run(): Promise<readonly Account[]> {
    const { flags } = await this.parse(AccountList);
    const ports = await this.ports(flags);
    const { status, grant, limit, offset } = flags;
    const reports = this.must(await listAccounts({ status, grant, limit, offset }, ports));
    const columns = [...ACCOUNT_COLUMNS, ...(await this.trends(reports, ports))];
    this.table(columns, reports, {
      empty: 'No budget accounts found.',
      isWide: flags.wide,
    });
    return reports.map((report) => accountJson(report, this.eyes(ports)));
  }
}
