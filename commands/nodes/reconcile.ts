import { Flags } from '@oclif/core';
import { NodesReconcile as Output } from '../../schema/output/nodes.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { reconcileJson, reconcileLine, VERDICT_COLUMNS } from '../../src/cli/nodes-view.ts';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import { burstWiring } from '../../src/wiring/burst.ts';

export default class NodesReconcile extends AsbbCommand {
  static override readonly summary = 'Compare SLURM, EC2 and the ledger, and repair.';
  static override readonly description =
    'Meant for a timer, once a minute. A second run at the same time ends at once. When a listing is ' +
    'not complete nothing destructive is done, and the exit code is 75.';
  static override readonly examples = [
    '<%= config.bin %> nodes reconcile',
    '<%= config.bin %> nodes reconcile --dry-run --json',
    '<%= config.bin %> nodes reconcile --after-restore --dry-run',
  ];
  static override readonly role = 'administrator';
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'Show what is due; do nothing.' }),
    once: Flags.boolean({ summary: 'One run; it always is.', hidden: true }),
    'kill-orphans': Flags.boolean({
      summary: "Terminate instances with this cluster's tag that this ledger never launched.",
    }),
    'after-restore': Flags.boolean({
      aliases: ['adopt'],
      summary:
        'The ledger came from a backup: instances it does not know become its own; none goes.',
      exclusive: ['kill-orphans'],
    }),
    wide: Flags.boolean({ summary: 'Do not cut columns.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(NodesReconcile);
    const options = {
      isDryRun: flags['dry-run'],
      killsOrphans: flags['kill-orphans'],
      isRestored: flags['after-restore'],
    };
    const ports = burstWiring(await this.ports(flags), { isDryRun: options.isDryRun === true });
    const result = await this.during('asking SLURM and EC2', nodesReconcile(options, ports));
    if (result.verdicts.length > 0) {
      this.table(VERDICT_COLUMNS, result.verdicts, { empty: '', isWide: flags.wide });
    }
    this.log(reconcileLine(result));
    for (const problem of result.problems) {
      this.note(problem);
    }
    this.endWith(result.exitCode);
    return reconcileJson(result);
  }
}
