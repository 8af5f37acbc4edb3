import { ChangedSchedule } from '../../schema/output/allocations.ts';
import { AllocationCommand } from '../../src/cli/allocation-command.ts';
import { scheduleArg } from '../../src/cli/allocation-flags.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { stopSchedule } from '../../src/flows/allocations-change.ts';

export default class AllocationsPause extends AllocationCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Stop a schedule for a while; nothing is posted meanwhile.';
  static override readonly examples = [
    '<%= config.bin %> allocations pause 1',
    '<%= config.bin %> allocations pause 1 --dry-run --json',
  ];
  static override readonly args = { id: scheduleArg };
  static override readonly flags = changeFlags;
  static readonly output = ChangedSchedule;

  async run(): Promise<ChangedSchedule> {
    const { args, flags } = await this.parse(AllocationsPause);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    return this.changed(this.must(await stopSchedule('pause', asked, ports)), ports);
  }
}
