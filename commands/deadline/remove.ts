import { Args } from '@oclif/core';
import { ChangedDeadline } from '../../schema/output/alert.ts';
import { changedDeadlineJson, deadlineText } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { removeOldDeadline } from '../../src/flows/deadlines.ts';

export default class DeadlineRemove extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Take a date off the list.';
  static override readonly examples = [
    '<%= config.bin %> deadline remove 1 --dry-run',
    '<%= config.bin %> deadline remove 1 --json',
  ];
  static override readonly args = {
    id: Args.string({ required: true, description: 'Number of the deadline.' }),
  };
  static override readonly flags = changeFlags;
  static readonly output = ChangedDeadline;

  async run(): Promise<ChangedDeadline> {
    const { args, flags } = await this.parse(DeadlineRemove);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    const done = this.must(await removeOldDeadline(asked, ports));
    this.log(deadlineText(done));
    return changedDeadlineJson(done);
  }
}
