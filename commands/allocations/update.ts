import { Flags } from '@oclif/core';
import { ChangedSchedule } from '../../schema/output/allocations.ts';
import { AllocationCommand } from '../../src/cli/allocation-command.ts';
import { scheduleArg, termFlags } from '../../src/cli/allocation-flags.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { updateSchedule } from '../../src/flows/allocations-change.ts';

const { unspent, 'allocation-amount': amount, 'allocation-frequency': frequency } = termFlags;

export default class AllocationsUpdate extends AllocationCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Change a schedule; what is not given stays.';
  static override readonly description =
    'Another amount is for later dates only; another frequency counts from the next date on.';
  static override readonly examples = [
    '<%= config.bin %> allocations update 1 --amount 150',
    '<%= config.bin %> allocations update 1 --frequency weekly --end 2026-12-24 --dry-run',
    '<%= config.bin %> allocations update 1 --no-auto --unspent lapse',
  ];
  static override readonly args = { id: scheduleArg };
  static override readonly flags = {
    amount: { ...amount, aliases: ['allocation-amount'] },
    frequency: { ...frequency, aliases: ['allocation-frequency'] },
    end: Flags.string({ summary: 'Last day for an allocation; "": the account’s end.' }),
    auto: Flags.boolean({ summary: 'Post without being asked; --no-auto: never.', allowNo: true }),
    unspent,
    ...changeFlags,
  };
  static readonly output = ChangedSchedule;

  async run(): Promise<ChangedSchedule> {
    const { args, flags } = await this.parse(AllocationsUpdate);
    const ports = await this.ports(flags);
    const asked = { ...flags, id: args.id, dryRun: flags['dry-run'] };
    return this.changed(this.must(await updateSchedule(asked, ports)), ports);
  }
}
