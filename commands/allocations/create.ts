import { Flags } from '@oclif/core';
import { ChangedSchedule } from '../../schema/output/allocations.ts';
import { AllocationCommand } from '../../src/cli/allocation-command.ts';
import { termFlags, termsAsked } from '../../src/cli/allocation-flags.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { createSchedule } from '../../src/flows/allocations-change.ts';

export default class AllocationsCreate extends AllocationCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Give an account its money by calendar.';
  static override readonly description =
    'The first allocation is due on --start (default: today, or the account’s first day), the last one ' +
    'gets what remains. What is due already is posted at once.';
  static override readonly examples = [
    '<%= config.bin %> allocations create --account ml-7 --total-budget 600 --allocation-amount 100 --allocation-frequency monthly',
    '<%= config.bin %> allocations create --account ml-7 --total-budget 520 --allocation-amount 10 --allocation-frequency weekly --unspent lapse --dry-run',
  ];
  static override readonly flags = {
    account: Flags.string({
      summary: 'Account that gets it.',
      required: true,
      env: 'ASBB_ACCOUNT',
    }),
    grant: Flags.string({ summary: 'Out of this grant of the account.', helpValue: '<number>' }),
    ...termFlags,
    start: Flags.string({ summary: 'First due date, YYYY-MM-DD.' }),
    end: Flags.string({ summary: 'Last day for an allocation; default: the account’s end.' }),
    ...changeFlags,
  };
  static readonly output = ChangedSchedule;

  async run(): Promise<ChangedSchedule> {
    const { flags } = await this.parse(AllocationsCreate);
    const ports = await this.ports(flags);
    const asked = { ...flags, ...termsAsked(flags), dryRun: flags['dry-run'] };
    const done = this.must(await createSchedule(asked, ports));
    const { alike } = done;
    if (alike !== undefined) {
      const id = done.report.row.scheduleId;
      this.note(
        `schedule ${alike} has the same terms; one too many? asbb allocations cancel ${id}`,
      );
    }
    return this.changed(done, ports);
  }
}
