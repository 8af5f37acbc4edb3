import { Flags } from '@oclif/core';
import { type Proposal, ProposalList } from '../../schema/output/correction.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { proposalColumns, proposalJson } from '../../src/cli/proposal-view.ts';
import { listProposals } from '../../src/flows/proposals.ts';

export default class TransactionsProposals extends AsbbCommand {
  static override readonly summary = 'List corrections that wait for a second person.';
  static override readonly description =
    'Corrections above budget.second_person_above are posted when another person approves them with ' +
    'asbb transactions approve.';
  static override readonly examples = [
    '<%= config.bin %> transactions proposals',
    '<%= config.bin %> transactions proposals --all --json',
  ];
  static override readonly flags = {
    all: Flags.boolean({ summary: 'Also those that were approved.' }),
    wide: Flags.boolean({ summary: 'Do not cut columns.' }),
  };
  static readonly output = ProposalList;

  async run(): Promise<readonly Proposal[]> {
    const { flags } = await this.parse(TransactionsProposals);
    const ports = await this.ports(flags);
    const found = await listProposals({ all: flags.all }, ports);
    this.table(proposalColumns(ports.zone, flags), found, {
      empty: flags.all ? 'No proposals found.' : 'No proposals are waiting.',
      isWide: flags.wide,
    });
    return found.map(proposalJson);
  }
}
