import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { changeFlags, grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { closeGrant } from '../../src/flows/grant-close.ts';

export default class GrantClose extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Close a grant: its budgets give back what they have left.';
  static override readonly description =
    'What was spent stays; costs of earlier work are booked still. grant update --status active opens it again.';
  static override readonly examples = [
    '<%= config.bin %> grant close NSF-2024-12345',
    '<%= config.bin %> grant close DOE-SC-98765 --cancelled --dry-run',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    cancelled: Flags.boolean({ summary: 'Its status is cancelled; else completed.' }),
    force: Flags.boolean({ summary: 'Although holds are open on it.' }),
    ...changeFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantClose);
    const ports = await this.grantPorts(flags);
    const { key, force, cancelled: isCancelled } = flags;
    const asked = { key, force, isCancelled, number: args.grant, dryRun: flags['dry-run'] };
    const json = this.changed(this.must(await closeGrant(asked, ports)));
    if (!isCancelled && !asked.dryRun) {
      this.note(`reports that it still owes: asbb deadline list --grant ${args.grant}`);
    }
    return json;
  }
}
