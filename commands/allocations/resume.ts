import { Flags } from '@oclif/core';
import { ChangedSchedule } from '../../schema/output/allocations.ts';
import { AllocationCommand } from '../../src/cli/allocation-command.ts';
import { scheduleArg } from '../../src/cli/allocation-flags.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { resume } from '../../src/flows/allocations-change.ts';

export default class AllocationsResume extends AllocationCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Let a paused schedule go on.';
  static override readonly description =
    'Dates that were missed are caught up at the next run; with --skip-missed they are left out, and ' +
    'the schedule ends later.';
  static override readonly examples = [
    '<%= config.bin %> allocations resume 1',
    '<%= config.bin %> allocations resume 1 --skip-missed --dry-run',
  ];
  static override readonly args = { id: scheduleArg };
  static override readonly flags = {
    'skip-missed': Flags.boolean({ summary: 'Do not catch up dates before today.' }),
    ...changeFlags,
  };
  static readonly output = ChangedSchedule;

  async run(): Promise<ChangedSchedule> {
    const { args, flags } = await this.parse(AllocationsResume);
    const ports = await this.ports(flags);
    const asked = {
      ...flags,
      id: args.id,
      skipMissed: flags['skip-missed'],
      dryRun: flags['dry-run'],
    };
    return this.changed(this.must(await resume(asked, ports)), ports);
  }
}
