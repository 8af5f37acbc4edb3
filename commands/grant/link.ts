import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { accountArg, changeFlags, grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { linkGrant } from '../../src/flows/grant-link.ts';

export default class GrantLink extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Let an account draw on a grant.';
  static override readonly description =
    'Opens a budget of the account on the grant and moves the amount there: from its plain budget as far as that has it, the rest from the award. Open holds stay where they are.';
  static override readonly examples = [
    '<%= config.bin %> grant link NSF-2024-12345 ml-7 --amount 100',
    '<%= config.bin %> grant link DOE-SC-98765 ml-7 --amount 50 --order 1 --basis total --dry-run',
  ];
  static override readonly args = { grant: grantArg, account: accountArg };
  static override readonly flags = {
    amount: Flags.string({
      summary: 'Else what the plain budget has available.',
      helpValue: '<usd>',
    }),
    order: Flags.integer({ summary: 'Place in the order of draw, from 1; else last.', min: 1 }),
    basis: Flags.option({
      summary: 'direct (default): the award bears F&A; total: the account does.',
      options: ['direct', 'total'] as const,
    })(),
    ...changeFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantLink);
    const ports = await this.grantPorts(flags);
    const { grant, account } = args;
    const asked = { ...flags, number: grant, account, dryRun: flags['dry-run'] };
    return this.changed(this.must(await linkGrant(asked, ports)));
  }
}
