import { Flags } from '@oclif/core';
import { ChangedDeadline } from '../../schema/output/alert.ts';
import { changedDeadlineJson, deadlineText } from '../../src/cli/alert-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { addNewDeadline } from '../../src/flows/deadlines.ts';

export default class DeadlineAdd extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Write down a date that matters to an account or a grant.';
  static override readonly examples = [
    '<%= config.bin %> deadline add --account ml-7 --type CONFERENCE --date 2099-05-15 --description "NeurIPS papers"',
    '<%= config.bin %> deadline add --account ml-7 --type RENEWAL --date 2099-09-30 --description "New proposal" --dry-run --json',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Whose it is; or --grant.' }),
    grant: Flags.string({ summary: 'Whose it is; or --account.', helpValue: '<number>' }),
    type: Flags.string({
      summary: 'CONFERENCE, GRANT_REPORT, PERIOD_END or RENEWAL.',
      required: true,
    }),
    date: Flags.string({ summary: 'The day, YYYY-MM-DD.', required: true }),
    description: Flags.string({ summary: 'What it is.', required: true }),
    impact: Flags.string({ summary: 'What it means for the budget.' }),
    recommendation: Flags.string({
      summary: 'What to do about it; repeatable.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...changeFlags,
  };
  static readonly output = ChangedDeadline;

  async run(): Promise<ChangedDeadline> {
    const { flags } = await this.parse(DeadlineAdd);
    const { recommendation: recommendations, 'dry-run': dryRun, ...rest } = flags;
    const ports = await this.ports(flags);
    const done = this.must(await addNewDeadline({ ...rest, recommendations, dryRun }, ports));
    this.log(deadlineText(done));
    return changedDeadlineJson(done);
  }
}
