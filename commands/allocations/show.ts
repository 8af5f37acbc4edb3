import { ScheduleDetails } from '../../schema/output/allocations.ts';
import { scheduleArg } from '../../src/cli/allocation-flags.ts';
import { storyJson, storyText } from '../../src/cli/allocation-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { showSchedule } from '../../src/flows/allocations-read.ts';

export default class AllocationsShow extends AsbbCommand {
  static override readonly summary = 'Show an allocation schedule and what it gave so far.';
  static override readonly examples = [
    '<%= config.bin %> allocations show 1',
    '<%= config.bin %> allocations show 1 --json',
  ];
  static override readonly args = { id: scheduleArg };
  static readonly output = ScheduleDetails;

  async run(): Promise<ScheduleDetails> {
    const { args, flags } = await this.parse(AllocationsShow);
    const ports = await this.ports(flags);
    const story = this.must(await showSchedule(args.id, ports));
    this.log(storyText(story, { zone: ports.zone, width: this.width() }));
    return storyJson(story, ports.zone);
  }
}
