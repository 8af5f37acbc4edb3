import { Flags } from '@oclif/core';
import { type Alert, AlertList } from '../../schema/output/alert.ts';
import { alertColumns, alertJson } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { pageFlags } from '../../src/cli/flags.ts';
import { listAlerts } from '../../src/flows/alerts-list.ts';

export default class AlertsList extends AsbbCommand {
  static override readonly summary = 'List alerts, the gravest first, then the newest.';
  static override readonly description =
    'Active ones unless --status says otherwise; those that were acknowledged, dismissed or put to ' +
    'sleep are left out. With --grant those of the grant and of the accounts that draw on it.';
  static override readonly examples = [
    '<%= config.bin %> alerts list',
    '<%= config.bin %> alerts list --severity critical --status all --json',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Only of this account.', env: 'ASBB_ACCOUNT' }),
    grant: Flags.string({ summary: 'Only of this grant and its accounts.', helpValue: '<number>' }),
    severity: Flags.string({ summary: 'info, warning or critical.' }),
    type: Flags.string({ summary: 'burn_rate_high, budget_threshold, overspend_risk, …' }),
    status: Flags.string({ summary: 'active, acknowledged, resolved, dismissed or all.' }),
    ...pageFlags,
  };
  static readonly output = AlertList;

  async run(): Promise<readonly Alert[]> {
    const { flags } = await this.parse(AlertsList);
    const ports = await this.ports(flags);
    const rows = this.must(await listAlerts(flags, ports));
    this.table(alertColumns(ports.zone), rows, { empty: 'No alerts found.', isWide: flags.wide });
    return rows.map(alertJson);
  }
}
