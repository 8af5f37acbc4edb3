import { Flags } from '@oclif/core';
import { ProcessedAllocations } from '../../schema/output/allocations.ts';
import { processedJson, processedText } from '../../src/cli/allocation-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { process } from '../../src/flows/allocations-process.ts';

export default class AllocationsProcess extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Post the allocations that are due.';
  static override readonly description =
    'Every missed date is caught up; a second run does nothing. With --schedule also one that is not ' +
    'automatic; with --amount an allocation by hand, today, out of what remains.';
  static override readonly examples = [
    '<%= config.bin %> allocations process',
    '<%= config.bin %> allocations process --account ml-7 --dry-run --as-of 2026-12-31',
    '<%= config.bin %> allocations process --schedule 1 --amount 50 --reason "conference"',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Only of this account.' }),
    schedule: Flags.string({ summary: 'Only this one.', helpValue: '<id>' }),
    amount: Flags.string({ summary: 'Allocate so much by hand.', helpValue: '<usd>' }),
    reason: Flags.string({ summary: 'Why, of an allocation by hand.' }),
    'as-of': Flags.string({ summary: 'As if it were this day, YYYY-MM-DD.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  };
  static readonly output = ProcessedAllocations;

  async run(): Promise<ProcessedAllocations> {
    const { flags } = await this.parse(AllocationsProcess);
    const ports = await this.ports(flags);
    const asked = { ...flags, asOf: flags['as-of'], dryRun: Boolean(flags['dry-run']) };
    const done = this.must(await process(asked, ports));
    this.log(processedText(done, this.width()));
    for (const { account, scheduleId } of done.unposted) {
      this.note(`schedule ${scheduleId} of ${account}: the award cannot pay what is due`);
    }
    for (const note of done.notes) {
      this.note(note);
    }
    return processedJson(done);
  }
}
