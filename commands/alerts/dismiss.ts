import { Args } from '@oclif/core';
import { ChangedAlert } from '../../schema/output/alert.ts';
import { alertText, changedAlertJson } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { dismissAlert } from '../../src/flows/alerts-change.ts';

export default class AlertsDismiss extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Silence an alert until its condition has gone once.';
  static override readonly examples = [
    '<%= config.bin %> alerts dismiss 1 --dry-run',
    '<%= config.bin %> alerts dismiss 1 --json',
  ];
  static override readonly args = {
    id: Args.string({ required: true, description: 'Number of the alert.' }),
  };
  static override readonly flags = changeFlags;
  static readonly output = ChangedAlert;

  async run(): Promise<ChangedAlert> {
    const { args, flags } = await this.parse(AlertsDismiss);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    const done = this.must(await dismissAlert(asked, ports));
    this.log(alertText(done.report, ports.zone));
    return changedAlertJson(done);
  }
}
