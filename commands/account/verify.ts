import { Args, Flags } from '@oclif/core';
import { AccountVerify as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { DIFFERENCE_COLUMNS, sumsJson } from '../../src/cli/ledger-view.ts';
import { verifyAccount } from '../../src/flows/account-verify.ts';

const INTEGRITY = 22;

export default class AccountVerify extends AsbbCommand {
  static override readonly summary =
    'Compare the sums of an account, or of all, with the postings.';
  static override readonly description =
    'Exit 22 on a difference. --repair makes the sums of all accounts anew; it never touches a posting.';
  static override readonly examples = [
    '<%= config.bin %> account verify',
    '<%= config.bin %> account verify ml-7 --json',
  ];
  static override readonly args = { account: Args.string({ description: 'Default: all.' }) };
  static override readonly flags = {
    repair: Flags.boolean({ summary: 'Make the sums anew from the postings.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(AccountVerify);
    const ports = await this.ports(flags);
    if (flags.repair) {
      this.administratorOnly(ports);
    }
    const asked = { account: args.account, repair: flags.repair };
    const report = this.must(await verifyAccount(asked, ports));
    this.table(DIFFERENCE_COLUMNS, report.differences, { empty: 'Every sum is right.' });
    if (report.isRepaired) {
      this.log('The sums were made anew.');
    } else if (report.differences.length > 0) {
      this.endWith(INTEGRITY);
    }
    return sumsJson(report);
  }
}
