import { Flags } from '@oclif/core';
import { AlertCheck } from '../../schema/output/alert.ts';
import { alertCheckJson, alertCheckLine, alertColumns } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { checkAlerts } from '../../src/flows/alerts-check.ts';

export default class AlertsCheck extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary =
    'Look at every account and grant now; exit 1 if any is critical.';
  static override readonly description =
    'What asbb maintain does once a day, and for whom money moved each minute. What is to be told goes ' +
    'out with the next asbb maintain. Exit code 1: at least one active alert is critical.';
  static override readonly examples = [
    '<%= config.bin %> alerts check --dry-run',
    '<%= config.bin %> alerts check --json',
  ];
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'Show what would be active, write nothing.' }),
    wide: Flags.boolean({ summary: 'Cut nothing, however wide the table gets.' }),
  };
  static readonly output = AlertCheck;

  async run(): Promise<AlertCheck> {
    const { flags } = await this.parse(AlertsCheck);
    const ports = await this.ports(flags);
    const checked = await checkAlerts({ isDryRun: flags['dry-run'] }, ports);
    this.table(alertColumns(ports.zone), checked.active, {
      empty: 'No active alerts.',
      isWide: flags.wide,
    });
    this.log(alertCheckLine(checked));
    this.endWith(checked.isCritical ? 1 : 0);
    return alertCheckJson(checked);
  }
}
