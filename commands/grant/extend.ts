import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { amendAsked, amendFlags } from '../../src/cli/grant-flags.ts';
import { extendGrant } from '../../src/flows/grant-amend.ts';

export default class GrantExtend extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Extend a grant without money (no-cost extension).';
  static override readonly description =
    'The last budget period goes on to the new end, and so do linked accounts that ended with the grant.';
  static override readonly examples = [
    '<%= config.bin %> grant extend NSF-2024-12345 --end 2029-06-30 --reference "NCE letter of 2028-11-02"',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    end: Flags.string({ summary: 'New last day, YYYY-MM-DD.', required: true }),
    ...amendFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantExtend);
    const ports = await this.grantPorts(flags);
    const asked = { ...flags, ...amendAsked(flags), number: args.grant };
    const done = this.must(await extendGrant(asked, ports));
    const { movedAccounts, otherAccounts } = done.answer;
    if (movedAccounts.length > 0) {
      this.note(`these accounts end with it, on its new end: ${movedAccounts.join(', ')}`);
    }
    if (otherAccounts.length > 0) {
      this.note(`these accounts keep an end of their own: ${otherAccounts.join(', ')}`);
    }
    return this.changed(done);
  }
}
