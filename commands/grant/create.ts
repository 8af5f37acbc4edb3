import { Flags } from '@oclif/core';
import { ChangedGrant } from '../../schema/output/grant.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { grantAsked, grantFlags } from '../../src/cli/grant-flags.ts';
import { createdGrantText } from '../../src/cli/grant-view.ts';
import { LONG_WORD_MAX } from '../../src/cli/guard.ts';
import { createGrant } from '../../src/flows/grant-create.ts';

export default class GrantCreate extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly wordMax = LONG_WORD_MAX;
  static override readonly summary = 'Open a grant: its award, its periods, its F&A rate.';
  static override readonly examples = [
    '<%= config.bin %> grant create --number NSF-2024-12345 --agency "National Science Foundation" --pi "Dr. Jane Smith" --co-pi "Dr. Bob Johnson,Dr. Alice Chen" --institution "Research University" --amount 750000 --start 2024-01-01 --end 2028-12-31 --periods 12 --indirect 0.30',
    '<%= config.bin %> grant create --number DOE-SC-98765 --agency "Department of Energy" --pi "Dr. Energy Expert" --amount 500000 --start 2026-10-01 --end 2028-09-30 --periods 6 --indirect 0.35',
    '<%= config.bin %> grant create --number NIH-2024-1 --agency "National Institutes of Health" --pi "Dr. Medical Researcher" --amount 100000 --start 2024-01-01 --end 2028-12-31 --carryover prior_approval --report-frequency quarterly',
  ];
  static override readonly flags = {
    number: Flags.string({ summary: 'Grant number.', required: true }),
    agency: Flags.string({ summary: 'Funding agency.', required: true }),
    pi: Flags.string({ summary: 'Principal investigator.', required: true }),
    institution: Flags.string({ summary: 'Institution; else grant_management.institution.' }),
    amount: Flags.string({ summary: 'Total award.', required: true, helpValue: '<usd>' }),
    authorized: Flags.string({
      summary: 'First instalment, where the award comes in several.',
      helpValue: '<usd>',
    }),
    start: Flags.string({ summary: 'First day, YYYY-MM-DD.', required: true }),
    end: Flags.string({ summary: 'Last day, YYYY-MM-DD; it is included.', required: true }),
    indirect: Flags.string({ summary: 'F&A rate, 0 to 1.', default: '0.30', helpValue: '<rate>' }),
    base: Flags.string({ summary: 'Of the rate.', default: 'MTDC', helpValue: 'MTDC|TDC|none' }),
    'rate-type': Flags.string({
      summary: 'provisional, predetermined, final, fixed or de_minimis.',
      default: 'predetermined',
    }),
    reference: Flags.string({ summary: 'Of the award letter.', helpValue: '<text>' }),
    ...grantFlags,
    ...changeFlags,
  };
  static readonly output = ChangedGrant;

  async run(): Promise<ChangedGrant> {
    const { flags } = await this.parse(GrantCreate);
    const ports = await this.grantPorts(flags);
    const { institution, default_budget_period_months } = ports.settings.grant_management;
    const asked = { ...flags, ...grantAsked(flags), rateType: flags['rate-type'] };
    const defaults = { institution, periodMonths: default_budget_period_months };
    const done = this.must(await createGrant(asked, defaults, ports));
    if (done.sight.outline.award.institution === '') {
      this.note(
        'no institution: give --institution, or set grant_management.institution in the configuration',
      );
    }
    return this.changed(
      done,
      (sight) => `Research grant created successfully!\n${createdGrantText(sight)}`,
    );
  }
}
