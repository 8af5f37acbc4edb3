import { Flags } from '@oclif/core';
import { BudgetCheck } from '../schema/output/check.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { checkCode, checkJson, quickText } from '../src/cli/check-view.ts';
import { jobFlags } from '../src/cli/job-flags.ts';
import { check } from '../src/flows/check.ts';
import { checkWiring, defaultPartition, ownUser } from '../src/wiring/check.ts';

export default class QuickCheck extends AsbbCommand {
  static override readonly summary = 'One line: would this job be paid for? Holds nothing.';
  static override readonly description =
    'Account and partition come from ASBB_ACCOUNT and ASBB_DEFAULT_PARTITION when they are left out.';
  static override readonly examples = [
    '<%= config.bin %> quick-check --account ml-7 --partition=cpu --nodes=4 --cpus=16 --time=2h',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Who pays; else ASBB_ACCOUNT.', env: 'ASBB_ACCOUNT' }),
    ...jobFlags,
  };
  static readonly output = BudgetCheck;

  async run(): Promise<BudgetCheck> {
    const { flags } = await this.parse(QuickCheck);
    const ports = await this.ports(flags);
    const query = {
      ...flags,
      account: this.needed(flags.account, 'account'),
      partition: flags.partition ?? defaultPartition(),
      user: ownUser(),
      dryRun: true,
    };
    const result = this.must(await check(query, checkWiring(ports)));
    this.log(quickText(result));
    this.endWith(checkCode(result));
    return checkJson(result, ports.settings.budget.default_hold_percentage);
  }
}
