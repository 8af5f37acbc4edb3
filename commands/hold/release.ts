import { Args, Flags } from '@oclif/core';
import { ReleasedHold } from '../../schema/output/check.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { releasedJson, releasedText } from '../../src/cli/check-view.ts';
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
    const result = this.must(await releaseByHand(ask, ports));
    this.log(releasedText(result));
    return releasedJson(result);
  }
}
