import { Flags } from '@oclif/core';
import { Maintain as Output } from '../schema/output/maintain.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { textFile } from '../src/cli/output-file.ts';
import { maintainJson, STEP_COLUMNS } from '../src/cli/recover-view.ts';
import { MAINTAIN_STEPS, maintain } from '../src/flows/maintain.ts';
import { maintainWiring } from '../src/wiring/settle.ts';

export default class Maintain extends AsbbCommand {
  static override readonly summary = 'Everything that a timer has to do, once a minute.';
  static override readonly description =
    'Compares nodes with EC2, takes in what hooks and other programs left, settles holds, allocates, ' +
    'measures, alerts, writes the head of the journal down. Each step stands for itself; a second run at the same time ends at once.';
  static override readonly examples = [
    '<%= config.bin %> maintain',
    '<%= config.bin %> maintain --only nodes,recover --json',
    '<%= config.bin %> maintain --textfile /tmp/asbb.prom',
  ];
  static override readonly role = 'administrator';
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'Only look: nodes and recover.' }),
    only: Flags.string({
      summary: 'Only these steps.',
      options: [...MAINTAIN_STEPS],
      multiple: true,
      delimiter: ',',
      helpValue: '<step,...>',
    }),
    textfile: Flags.string({
      summary: 'Keep the figures of asbb metrics in this file.',
      helpValue: '<file>',
    }),
    wide: Flags.boolean({ summary: 'Do not cut columns.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(Maintain);
    const only = flags.only && MAINTAIN_STEPS.filter((step) => flags.only?.includes(step));
    const isDryRun = flags['dry-run'];
    const opened = await this.ports(flags);
    const { textfile } = flags;
    const path =
      textfile === undefined ? undefined : this.must(textFile(textfile, opened.settings));
    const ports = maintainWiring(opened, { textfile: path });
    const result = await this.during('asking SLURM and EC2', maintain({ only, isDryRun }, ports));
    if (result.state === 'running') {
      this.log('already running');
    } else {
      this.table(STEP_COLUMNS, result.steps, { empty: '', isWide: flags.wide });
    }
    this.endWith(result.exitCode);
    return maintainJson(result);
  }
}
