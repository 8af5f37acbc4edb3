import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { amendAsked, amendFlags } from '../../src/cli/grant-flags.ts';
import { rateGrant } from '../../src/flows/grant-amend.ts';

export default class GrantRate extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Set the F&A rate of a grant for some days.';
  static override readonly description =
    'Rates have no gap and do not overlap: older ones are cut or replaced. What was booked in these days is corrected by one adjustment a budget.';
  static override readonly examples = [
    '<%= config.bin %> grant rate NSF-2024-12345 --rate 0.28 --from 2027-01-01 --reference "Rate agreement 2027"',
    '<%= config.bin %> grant rate NSF-2024-12345 --rate 0.305 --base MTDC --from 2026-01-01 --to 2026-12-31 --type final --reference "Rate agreement 2026"',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    rate: Flags.string({ summary: '0 to 1, at most 4 decimals.', required: true }),
    base: Flags.string({ summary: 'Of the rate.', default: 'MTDC', helpValue: 'MTDC|TDC|none' }),
    from: Flags.string({ summary: 'First day; else that of the grant.', helpValue: '<date>' }),
    to: Flags.string({ summary: 'Last day; else that of the grant.', helpValue: '<date>' }),
    type: Flags.string({
      summary: 'provisional, predetermined, final, fixed or de_minimis.',
      default: 'predetermined',
    }),
    ...amendFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { args, flags } = await this.parse(GrantRate);
    const ports = await this.grantPorts(flags);
    const asked = { ...flags, ...amendAsked(flags), number: args.grant };
    const done = this.must(await rateGrant(asked, ports));
    if (done.answer.adjusts > 0) {
      this.note(`adjustments of what was booked in these days: ${done.answer.adjusts}`);
    }
    return this.changed(done);
  }
}
