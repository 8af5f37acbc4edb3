import { Args, Flags } from '@oclif/core';
import { ReleasedHold } from '../../schema/output/check.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { toDollars } from '../../src/core/money/money.ts';
import { fromMicrosText } from '../../src/core/money/storage.ts';
import { releaseByHand } from '../../src/flows/hold-release.ts';

export default class HoldRelease extends AsbbCommand {
  static override readonly summary = 'Give a hold back whose job never cost anything.';
  static override readonly examples = [
    '<%= config.bin %> hold release txn_dddddddddddddddddddddddddd --reason cancelled --dry-run',
  ];
  static override readonly role = 'administrator';
  static override readonly args = {
    transaction: Args.string({ required: true, description: 'Transaction id of the hold.' }),
  };
  static override readonly flags = {
    reason: Flags.string({ summary: 'Why: kept in the journal.', default: '' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  };
  static readonly output = ReleasedHold;

  async run(): Promise<ReleasedHold> {
    const { args, flags } = await this.parse(HoldRelease);
    const ports = await this.ports(flags);
    const ask = { ...args, reason: flags.reason, dryRun: flags['dry-run'] };
    const { answer, isChanged, isDryRun } = this.must(await releaseByHand(ask, ports));
    const amount = fromMicrosText(answer.amount);
    const verb = isDryRun ? 'would go' : 'went';
    this.log(
      isChanged
        ? `${toDollars(amount)} ${verb} back: txn_${answer.token}`
        : `txn_${answer.token} had been given back before.`,
    );
    return {
      transaction_id: `txn_${answer.token}`,
      status: 'cancelled',
      released_amount: amount,
      changed: isChanged,
      dry_run: isDryRun ? true : undefined,
    };
  }
}
