import type { ChangedSchedule } from '../../schema/output/allocations.ts';
import type { ScheduleReport } from '../ports/reports.ts';
import { changedScheduleJson, scheduleText } from './allocation-view.ts';
import { AsbbCommand } from './base.ts';

interface Done {
  readonly report: ScheduleReport;
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

/** What the commands that change a schedule share: what they print. */
export abstract class AllocationCommand extends AsbbCommand {
  protected changed(done: Done, { zone }: { readonly zone: string }): ChangedSchedule {
    const { report, isChanged, isDryRun } = done;
    const before = isDryRun ? 'Dry run: nothing was changed. The schedule would be:\n\n' : '';
    this.log(`${before}${scheduleText(report, zone)}`);
    if (!isChanged) {
      this.note('nothing had to be changed');
    }
    return changedScheduleJson(report, zone, done);
  }
}
