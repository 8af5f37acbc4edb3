import { Flags } from '@oclif/core';
import { type Schedule, ScheduleList } from '../../schema/output/allocations.ts';
import { SCHEDULE_COLUMNS, scheduleJson } from '../../src/cli/allocation-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { pageFlags } from '../../src/cli/flags.ts';
import { listSchedules } from '../../src/flows/allocations-read.ts';

export default class AllocationsList extends AsbbCommand {
  static override readonly summary = 'List the allocation schedules.';
  static override readonly examples = [
    '<%= config.bin %> allocations list',
    '<%= config.bin %> allocations list --account ml-7 --status active --json',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Only of this account.', env: 'ASBB_ACCOUNT' }),
    status: Flags.string({ summary: 'active, paused, completed or cancelled.' }),
    ...pageFlags,
  };
  static readonly output = ScheduleList;

  async run(): Promise<readonly Schedule[]> {
    const { flags } = await this.parse(AllocationsList);
    const ports = await this.ports(flags);
    const reports = this.must(await listSchedules(flags, ports));
    this.table(SCHEDULE_COLUMNS, reports, {
      empty: 'No allocation schedules found.',
      isWide: flags.wide,
    });
    return reports.map((report) => scheduleJson(report, ports.zone));
  }
}
