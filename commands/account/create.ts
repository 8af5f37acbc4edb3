import { Flags } from '@oclif/core';
import { ChangedAccount } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { createdText } from '../../src/cli/account-view.ts';
import { termFlags, termsAsked } from '../../src/cli/allocation-flags.ts';
import { changeFlags } from '../../src/cli/flags.ts';
import { createAccount } from '../../src/flows/account-create.ts';

export default class AccountCreate extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Create a budget account.';
  static override readonly examples = [
    '<%= config.bin %> account create --account ml-7 --name "Machine learning 7" --budget 1000 --start 2026-01-01 --end 2026-12-31',
    '<%= config.bin %> account create --account ml-7b --name "A part of it" --budget 250.50 --start 2026-01-01 --end 2026-12-31 --parent ml-7 --slurm-account ml7b-gpu',
    '<%= config.bin %> account create --account ml-8 --name "Part by part" --incremental --total-budget 1200 --allocation-amount 100 --allocation-frequency monthly --start 2026-01-01 --end 2026-12-31',
  ];
  static override readonly flags = {
    account: Flags.string({ summary: 'Name in SLURM.', required: true }),
    name: Flags.string({ summary: 'What people call it.', required: true }),
    start: Flags.string({ summary: 'First day, YYYY-MM-DD.', required: true }),
    end: Flags.string({ summary: 'Last day, YYYY-MM-DD; it is included.', required: true }),
    budget: Flags.string({ summary: 'Limit in dollars.', helpValue: '<usd>' }),
    description: Flags.string({ summary: 'What it is for.' }),
    parent: Flags.string({ summary: 'Account whose limit it must fit as well.' }),
    'slurm-account': Flags.string({
      summary: 'Another SLURM account that draws on it; repeatable.',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'federal-share': Flags.string({
      summary: 'Federal part of its charges on grants, 0 to 1; the rest is cost share.',
      helpValue: '<share>',
    }),
    incremental: Flags.boolean({ summary: 'The limit grows by a schedule.' }),
    ...termFlags,
    grant: Flags.string({
      summary: 'Grant that pays; repeatable, in order of draw. The first allots the budget.',
      helpValue: '<number>',
      multiple: true,
      multipleNonGreedy: true,
    }),
    basis: Flags.option({
      summary: 'direct: the award bears F&A (default); total: the account does.',
      options: ['direct', 'total'] as const,
    })(),
    ...changeFlags,
  };
  static readonly output = ChangedAccount;

  async run(): Promise<ChangedAccount> {
    const { flags } = await this.parse(AccountCreate);
    const ports = await this.ports(flags);
    const asked = {
      ...flags,
      grants: flags.grant,
      federalShare: flags['federal-share'],
      slurmAccounts: flags['slurm-account'],
      ...termsAsked(flags),
      dryRun: flags['dry-run'],
    };
    const done = this.must(await createAccount(asked, ports));
    return this.changed(
      done,
      ports,
      (report) => `Budget account created successfully!\n${createdText(report, ports.zone)}`,
    );
  }
}
