import { Flags } from '@oclif/core';
import { BudgetCheck } from '../schema/output/check.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { checkCode, checkJson, checkText } from '../src/cli/check-view.ts';
import { changeFlags } from '../src/cli/flags.ts';
import { jobFlags } from '../src/cli/job-flags.ts';
import { check } from '../src/flows/check.ts';
import { checkWiring, defaultPartition, ownUser } from '../src/wiring/check.ts';

export default class Check extends AsbbCommand {
  static override readonly summary = 'Ask whether a job may run, and set its money aside.';
  static override readonly description =
    'Exit code 0: the hold stands (with --dry-run: it would); 10: the money or a partition limit does ' +
    'not reach; 3: the account cannot be used.';
  static override readonly examples = [
    '<%= config.bin %> check --account ml-7 --partition cpu --nodes 2 --cpus 16 --time 2h --dry-run',
    '<%= config.bin %> check --account ml-7 --partition cpu --cpus 4 --time 1-12:00:00 --json',
  ];
  static override readonly role = 'administrator';
  static override readonly flags = {
    account: Flags.string({ summary: 'Who pays; else ASBB_ACCOUNT.', env: 'ASBB_ACCOUNT' }),
    ...jobFlags,
    user: Flags.string({ summary: 'Whose job it is; else you.' }),
    'job-id': Flags.string({ summary: 'The job, as 123 or 123_4, when it has an id already.' }),
    'estimated-cost': Flags.string({ summary: 'Dollars, in place of an estimate.' }),
    ...changeFlags,
  };
  static readonly output = BudgetCheck;

  async run(): Promise<BudgetCheck> {
    const { flags } = await this.parse(Check);
    const ports = await this.ports(flags);
    const query = {
      ...flags,
      account: this.needed(flags.account, 'account'),
      partition: flags.partition ?? defaultPartition(),
      user: flags.user ?? ownUser(),
      jobId: flags['job-id'],
      estimatedCost: flags['estimated-cost'],
      dryRun: flags['dry-run'],
    };
    const result = this.must(await check(query, checkWiring(ports)));
    this.log(checkText(result));
    this.endWith(checkCode(result));
    return checkJson(result, ports.settings.budget.default_hold_percentage);
  }
}
