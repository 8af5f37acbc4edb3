import { Args, Flags } from '@oclif/core';
import { Analysis as Output } from '../../schema/output/analysis.ts';
import { analysisJson, placeNote } from '../../src/cli/analysis-view.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { analyzeScript } from '../../src/flows/analyze-script.ts';
import { analyzeWiring } from '../../src/wiring/analyze.ts';
import { readTextFile } from '../../src/wiring/text-file.ts';

export default class BurstAnalyze extends AsbbCommand {
  static override readonly summary = 'Tell what kind of job a script is, and which nodes suit it.';
  static override readonly description =
    'Shows what resume would decide, one line a rule that fired: MPI or not, EFA, families and types in ' +
    'order, placement group. Flags win over #SBATCH lines. Asks neither SLURM nor AWS.';
  static override readonly examples = [
    '<%= config.bin %> burst analyze /tmp/job.sbatch',
    '<%= config.bin %> burst analyze /tmp/job.sbatch --nodes 16 --constraint efa --json',
  ];
  static override readonly args = {
    script: Args.string({ description: 'Batch script.', required: true }),
  };
  static override readonly flags = {
    nodes: Flags.integer({ summary: 'Nodes.', min: 1 }),
    ntasks: Flags.integer({ summary: 'Tasks of the whole job.', min: 1 }),
    'cpus-per-task': Flags.integer({ summary: 'CPUs of each task.', min: 1 }),
    mem: Flags.string({ summary: 'Memory of each node, as 16G.' }),
    constraint: Flags.string({ summary: 'Features, as in sbatch --constraint.' }),
    'job-name': Flags.string({ summary: 'Name of the job.' }),
    partition: Flags.string({ summary: 'Burst partition; else of the script, or the usual one.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(BurstAnalyze);
    const ports = analyzeWiring(await this.ports(flags));
    const found = this.must(
      analyzeScript(
        {
          ...flags,
          script: this.must(readTextFile(args.script, 'script')),
          cpusPerTask: flags['cpus-per-task'],
          jobName: flags['job-name'],
        },
        ports,
      ),
    );
    for (const line of found.analysis.explain) {
      this.log(line);
    }
    this.note(placeNote(found));
    return analysisJson(found);
  }
}
