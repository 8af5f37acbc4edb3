import { Flags } from '@oclif/core';
import { ChangedEntry } from '../../../schema/output/grant.ts';
import { grantArg } from '../../../src/cli/flags.ts';
import { GrantCommand } from '../../../src/cli/grant-command.ts';
import { addGrantEntry } from '../../../src/flows/grant-entry.ts';

export default class GrantEntryAdd extends GrantCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Record something on a grant that is no SLURM job.';
  static override readonly description =
    'A federal expenditure is booked on the award with its F&A; the other kinds are for the reports. The reference is its key: repeated with the same content it is done once. A correction is an entry of the opposite sign.';
  static override readonly examples = [
    '<%= config.bin %> grant entry add NSF-2024-12345 --date 2025-06-30 --category equipment --amount 2000 --reference PO-1',
    '<%= config.bin %> grant entry add NSF-2024-12345 --date 2025-06-30 --category subaward --subaward "Other University" --amount 6000 --reference SUB-1',
    '<%= config.bin %> grant entry add NSF-2024-12345 --date 2025-07-01 --kind cash_receipt --category drawdown --amount 9000 --reference DRAW-2 --json',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    date: Flags.string({ summary: 'The day it belongs to, YYYY-MM-DD.', required: true }),
    category: Flags.string({ summary: 'travel, equipment, subaward, …', required: true }),
    amount: Flags.string({ summary: 'Signed, not 0.', required: true, helpValue: '<usd>' }),
    kind: Flags.string({
      summary:
        'expenditure, obligation, cash_receipt, cash_disbursement, program_income_earned, program_income_deduction or program_income_addition.',
      default: 'expenditure',
    }),
    share: Flags.string({
      summary: 'Who paid.',
      default: 'federal',
      helpValue: 'federal|recipient',
    }),
    'in-mtdc': Flags.boolean({
      summary: 'Counts in MTDC; else by its category (equipment, rent, tuition, … do not).',
      allowNo: true,
    }),
    reference: Flags.string({ summary: 'One of its own.', required: true }),
    subaward: Flags.string({ summary: 'Which subaward: each counts up to the cap.' }),
    notes: Flags.string({ summary: 'Anything to remember.' }),
    force: Flags.boolean({ summary: 'Although the liquidation period is over.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  };
  static readonly output = ChangedEntry;

  async run(): Promise<ChangedEntry> {
    const { args, flags } = await this.parse(GrantEntryAdd);
    const ports = await this.grantPorts(flags);
    const dryRun = flags['dry-run'];
    const asked = { ...flags, number: args.grant, inMtdc: flags['in-mtdc'], dryRun };
    return this.entered(args.grant, this.must(await addGrantEntry(asked, ports)), dryRun);
  }
}
