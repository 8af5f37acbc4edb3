import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { amendAsked, amendFlags } from '../../src/cli/grant-flags.ts';
import { deobligateGrant } from '../../src/flows/grant-amend.ts';

export default class GrantDeobligate extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Take money back from a grant, as the agency did.';
  static override readonly examples = [
    '<%= config.bin %> grant deobligate NSF-2024-12345 --amount 10000 --reference "Amendment 002"',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    amount: Flags.string({ summary: 'In dollars.', required: true, helpValue: '<usd>' }),
    force: Flags.boolean({ summary: 'Although the award has less left.' }),
    ...amendFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantDeobligate);
    const ports = await this.grantPorts(flags);
    const asked = { ...flags, ...amendAsked(flags), number: args.grant };
    return this.changed(this.must(await deobligateGrant(asked, ports)));
  }
}
