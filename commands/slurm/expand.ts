import { Args, Flags } from '@oclif/core';
import { ExpandedList } from '../../schema/output/nodelist.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { LONG_WORD_MAX } from '../../src/cli/guard.ts';
import { expandList } from '../../src/flows/nodelists.ts';

export default class SlurmExpand extends AsbbCommand {
  static override readonly wordMax = LONG_WORD_MAX;
  static override readonly summary = 'Write out a node list, one name a line.';
  static override readonly description =
    'The same as `scontrol show hostnames`, without slurmctld. A bad list prints nothing and exits 2.';
  static override readonly examples = [
    '<%= config.bin %> slurm expand "aws-hpc-[001-016,020]"',
    '<%= config.bin %> slurm expand "n[2,1,2]" --sort --unique',
    '<%= config.bin %> slurm expand "rack[0-1]node[1-2]" --json',
  ];
  static override readonly args = {
    list: Args.string({ required: true, description: 'Node list, as SLURM writes it.' }),
  };
  static override readonly flags = {
    sort: Flags.boolean({ summary: 'By name, numbers by value.' }),
    unique: Flags.boolean({ summary: 'Each name once.' }),
    strict: Flags.boolean({ summary: 'Refuse what SLURM 22.05 refuses: text after a bracket.' }),
  };
  static readonly output = ExpandedList;

  async run(): Promise<ExpandedList> {
    const { args, flags } = await this.parse(SlurmExpand);
    const { sort, unique, strict } = flags;
    const nodes = this.must(expandList({ list: args.list, sort, unique, strict }));
    if (nodes.length > 0) {
      this.log(nodes.join('\n'));
    }
    return { nodes: [...nodes], count: nodes.length };
  }
}
