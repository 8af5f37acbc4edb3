import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { changeFlags, grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { grantAsked, grantFlags } from '../../src/cli/grant-flags.ts';
import { LONG_WORD_MAX } from '../../src/cli/guard.ts';
import { updateGrant } from '../../src/flows/grant-update.ts';

export default class GrantUpdate extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly wordMax = LONG_WORD_MAX;
  static override readonly summary = 'Change what is said of a grant, its terms, its status.';
  static override readonly description =
    'What is not given stays. Money, dates and rates have commands of their own: supplement, deobligate, extend, rate.';
  static override readonly examples = [
    '<%= config.bin %> grant update NSF-2024-12345 --pi "Dr. Alice Chen" --carryover prior_approval',
    '<%= config.bin %> grant update NSF-2024-12345 --status suspended --dry-run',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    agency: Flags.string({ summary: 'Funding agency.' }),
    pi: Flags.string({ summary: 'Principal investigator.' }),
    institution: Flags.string({ summary: 'Institution.' }),
    status: Flags.string({
      summary: 'active opens a closed grant again.',
      helpValue: 'pending|active|suspended',
    }),
    ...grantFlags,
    ...changeFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantUpdate);
    const ports = await this.grantPorts(flags);
    const asked = { ...flags, ...grantAsked(flags), number: args.grant };
    return this.changed(this.must(await updateGrant(asked, ports)));
  }
}
