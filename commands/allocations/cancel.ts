import { ChangedSchedule } from '../../schema/output/allocations.ts';
import { AllocationCommand } from '../../src/cli/allocation-command.ts';
import { scheduleArg } from '../../src/cli/allocation-flags.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { stopSchedule } from '../../src/flows/allocations-change.ts';

export default class AllocationsCancel extends AllocationCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'End a schedule for good; what was allocated stays.';
  static override readonly examples = [
    '<%= config.bin %> allocations cancel 1',
    '<%= config.bin %> allocations cancel 1 --dry-run --json',
  ];
  static override readonly args = { id: scheduleArg };
  static override readonly flags = changeFlags;
  static readonly output = ChangedSchedule;

  async run(): Promise<ChangedSchedule> {
    const { args, flags } = await this.parse(AllocationsCancel);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    return this.changed(this.must(await stopSchedule('cancel', asked, ports)), ports);
  }
}
