import { Flags } from '@oclif/core';
import { type JobSubmission, JobSubmissionList } from '../../schema/output/submission.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { pageFlags } from '../../src/cli/flags.ts';
import { submissionColumns, submissionJson } from '../../src/cli/submission-view.ts';
import { listSubmissions } from '../../src/flows/submissions-list.ts';

const ROWS = 100;

export default class HoldList extends AsbbCommand {
  static override readonly summary = 'List jobs with what is held for them and what they cost.';
  static override readonly description =
    'One row a run: a requeued job has several. A job that no instance of ours is launched for is ' +
    'submitted until it is settled.';
  static override readonly examples = [
    '<%= config.bin %> hold list --account ml-7',
    '<%= config.bin %> hold list --status running --json',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Only of this account.', env: 'ASBB_ACCOUNT' }),
    user: Flags.string({ summary: 'Only of this user.' }),
    job: Flags.string({ summary: 'Only of this job, as 123 or 123_4.' }),
    status: Flags.string({ summary: 'submitted, running, completed, failed or cancelled.' }),
    ...pageFlags,
  };
  static readonly output = JobSubmissionList;

  async run(): Promise<readonly JobSubmission[]> {
    const { flags } = await this.parse(HoldList);
    const ports = await this.ports(flags);
    const { limit = ROWS, offset = 0 } = flags;
    const found = this.must(await listSubmissions({ ...flags, limit: limit + 1, offset }, ports));
    const rows = found.slice(0, limit);
    this.table(submissionColumns(ports.zone), rows, {
      empty: 'No jobs found.',
      isWide: flags.wide,
    });
    if (found.length > limit && flags.limit === undefined) {
      this.note(
        `these are the newest ${limit}; older ones: --offset ${offset + limit}, or --limit`,
      );
    }
    return rows.map(submissionJson);
  }
}
