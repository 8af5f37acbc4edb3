import { Args, Flags } from '@oclif/core';
import { ChangedAlert } from '../../schema/output/alert.ts';
import { alertText, changedAlertJson } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { snoozeAlert } from '../../src/flows/alerts-change.ts';

export default class AlertsSnooze extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Put an alert to sleep for a while, unless it gets graver.';
  static override readonly description =
    'When the time is over and its condition still holds, it is active again and is told again.';
  static override readonly examples = [
    '<%= config.bin %> alerts snooze 1 --for 7d --dry-run',
    '<%= config.bin %> alerts snooze 1 --for 12h --json',
  ];
  static override readonly args = {
    id: Args.string({ required: true, description: 'Number of the alert.' }),
  };
  static override readonly flags = {
    for: Flags.string({ summary: 'How long.', helpValue: '<duration>' }),
    until: Flags.string({ summary: 'The day on which it comes back, YYYY-MM-DD.' }),
    ...changeFlags,
  };
  static readonly output = ChangedAlert;

  async run(): Promise<ChangedAlert> {
    const { args, flags } = await this.parse(AlertsSnooze);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    const done = this.must(await snoozeAlert(asked, ports));
    this.log(alertText(done.report, ports.zone));
    return changedAlertJson(done);
  }
}
