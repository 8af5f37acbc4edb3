import { Args } from '@oclif/core';
import { Correction } from '../../schema/output/correction.ts';
import { CorrectionCommand } from '../../src/cli/correction-command.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { approve } from '../../src/flows/transactions-correct.ts';

export default class TransactionsApprove extends CorrectionCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Approve what another person proposed; then it is posted.';
  static override readonly description =
    'Corrections above budget.second_person_above wait for a second person with another uid.';
  static override readonly examples = [
    '<%= config.bin %> transactions approve 1',
    '<%= config.bin %> transactions approve 1 --dry-run --json',
  ];
  static override readonly args = {
    proposal: Args.string({ required: true, description: 'Number of the proposal.' }),
  };
  static override readonly flags = changeFlags;
  static readonly output = Correction;

  async run(): Promise<Correction> {
    const { args, flags } = await this.parse(TransactionsApprove);
    const ports = await this.ports(flags);
    const asked = { ...flags, proposal: args.proposal, dryRun: flags['dry-run'] };
    return this.corrected(this.must(await approve(asked, ports)));
  }
}
