import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../../schema/output/grant.ts';
import { grantArg } from '../../../src/cli/flags.ts';
import { GrantCommand } from '../../../src/cli/grant-command.ts';
import { amendAsked, amendFlags } from '../../../src/cli/grant-flags.ts';
import { approveGrantCarryover } from '../../../src/flows/grant-amend.ts';

export default class GrantCarryoverApprove extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Record that unspent money of a period may go on.';
  static override readonly description =
    'Only for grants whose carryover policy is prior_approval, and for periods that are over.';
  static override readonly examples = [
    '<%= config.bin %> grant carryover approve NIH-2024-1 --period 1 --amount 5000 --reference "Letter of 2026-01-15"',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    period: Flags.integer({ summary: 'The period that is over.', required: true, min: 1 }),
    amount: Flags.string({ summary: 'In dollars.', required: true, helpValue: '<usd>' }),
    ...amendFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantCarryoverApprove);
    const ports = await this.grantPorts(flags);
    const asked = { ...flags, ...amendAsked(flags), number: args.grant };
    return this.changed(this.must(await approveGrantCarryover(asked, ports)));
  }
}
