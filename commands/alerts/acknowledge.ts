import { Args, Flags } from '@oclif/core';
import { ChangedAlert } from '../../schema/output/alert.ts';
import { alertText, changedAlertJson } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { acknowledgeAlert } from '../../src/flows/alerts-change.ts';

export default class AlertsAcknowledge extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary =
    'Say that somebody has seen an alert: it leaves the usual list.';
  static override readonly description =
    'It is resolved when its condition is gone, and active again when it gets graver.';
  static override readonly examples = [
    '<%= config.bin %> alerts acknowledge 1 --user ada --notes "talked to the group" --dry-run',
    '<%= config.bin %> alerts acknowledge 1 --user ada --json',
  ];
  static override readonly args = {
    id: Args.string({ required: true, description: 'Number of the alert.' }),
  };
  static override readonly flags = {
    user: Flags.string({ summary: 'Who has seen it.', required: true }),
    notes: Flags.string({ summary: 'What is to be known about it.' }),
    ...changeFlags,
  };
  static readonly output = ChangedAlert;

  async run(): Promise<ChangedAlert> {
    const { args, flags } = await this.parse(AlertsAcknowledge);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    const done = this.must(await acknowledgeAlert(asked, ports));
    this.log(alertText(done.report, ports.zone));
    return changedAlertJson(done);
  }
}
