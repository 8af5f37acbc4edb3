import { Args, Flags } from '@oclif/core';
import { Reconciliation } from '../schema/output/reconcile.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { absolutePath } from '../src/cli/flags.ts';
import { LONG_WORD_MAX } from '../src/cli/guard.ts';
import { reconcileJson, reconcileText } from '../src/cli/reconcile-view.ts';
import { reconcile } from '../src/flows/reconcile.ts';
import { reconcileWiring } from '../src/wiring/reconcile.ts';

export default class Reconcile extends AsbbCommand {
  static override readonly wordMax = LONG_WORD_MAX;
  static override readonly summary = 'Charge what a job really cost and give the rest back.';
  static override readonly description =
    'Without --actual-cost its cost file is looked for, else the time it took is priced.';
  static override readonly examples = [
    '<%= config.bin %> reconcile job_12345 --transaction=txn_abc123 --actual-cost=118.50',
    '<%= config.bin %> reconcile 123_4 --actual-cost=12.25 --amend',
  ];
  static override readonly role = 'administrator';
  static override readonly args = {
    job: Args.string({ required: true, description: 'The job: 123, 123_4, job_123, slurm_123.' }),
  };
  static override readonly flags = {
    transaction: Flags.string({ summary: 'Its hold, when the job alone does not tell.' }),
    'actual-cost': Flags.string({ summary: 'Dollars, as 118.50.' }),
    amend: Flags.boolean({ summary: 'Correct a cost that was charged before.' }),
    release: Flags.boolean({ summary: 'It cost nothing: give the whole hold back.' }),
    'from-file': Flags.string({ summary: 'Read the cost from this file.', helpValue: '<file>' }),
    metadata: Flags.string({ summary: 'JSON, kept with the charge.', helpValue: '<json>' }),
    run: Flags.integer({ summary: 'Restart count of the run; else the latest.', min: 0 }),
    force: Flags.boolean({ summary: 'Although the books of the grant should be closed.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  };
  static readonly output = Reconciliation;

  async run(): Promise<Reconciliation> {
    const { args, flags } = await this.parse(Reconcile);
    const file = flags['from-file'];
    const query = {
      ...{ ...flags, ...args },
      actualCost: flags['actual-cost'],
      fromFile: file === undefined ? undefined : absolutePath(file),
      dryRun: flags['dry-run'],
    };
    const ports = reconcileWiring(await this.ports(flags));
    const result = this.must(await this.during('asking SLURM', reconcile(query, ports)));
    this.log(reconcileText(result));
    for (const warning of result.warnings) {
      this.note(warning);
    }
    return reconcileJson(result);
  }
}
