import { ChangedGrant } from '../../schema/output/grant.ts';
import { accountArg, changeFlags, grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { unlinkGrant } from '../../src/flows/grant-link.ts';

export default class GrantUnlink extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'End the draw of an account on a grant.';
  static override readonly description =
    'What is left goes back to where it came from; what was spent stays on the grant.';
  static override readonly examples = ['<%= config.bin %> grant unlink NSF-2024-12345 ml-7'];
  static override readonly args = { grant: grantArg, account: accountArg };
  static override readonly flags = changeFlags;
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantUnlink);
    const ports = await this.grantPorts(flags);
    const { grant, account } = args;
    const asked = { key: flags.key, number: grant, account, dryRun: flags['dry-run'] };
    return this.changed(this.must(await unlinkGrant(asked, ports)));
  }
}
