import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { amendAsked, amendFlags } from '../../src/cli/grant-flags.ts';
import { supplementGrant } from '../../src/flows/grant-amend.ts';

export default class GrantSupplement extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Book more money of the agency on a grant.';
  static override readonly description =
    'A supplement raises the total award; its amount belongs to the budget periods from its effective day on.';
  static override readonly examples = [
    '<%= config.bin %> grant supplement NSF-2024-12345 --amount 60000 --reference "Amendment 001"',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    amount: Flags.string({ summary: 'In dollars.', required: true, helpValue: '<usd>' }),
    instalment: Flags.boolean({
      summary: 'The next part of the same total: authorised more, awarded the same.',
    }),
    ...amendFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantSupplement);
    const ports = await this.grantPorts(flags);
    const asked = { ...flags, ...amendAsked(flags), number: args.grant };
    return this.changed(this.must(await supplementGrant(asked, ports)));
  }
}
