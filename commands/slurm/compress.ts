import { Args, Flags } from '@oclif/core';
import { CompressedList } from '../../schema/output/nodelist.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { LONG_WORD_MAX } from '../../src/cli/guard.ts';
import { compressLists } from '../../src/flows/nodelists.ts';

export default class SlurmCompress extends AsbbCommand {
  static override readonly wordMax = LONG_WORD_MAX;
  static override readonly summary = 'Write node names as one list.';
  static override readonly description =
    'The same as `scontrol show hostlistsorted`, without slurmctld and without duplicates.';
  static override readonly examples = [
    '<%= config.bin %> slurm compress aws-hpc-001 aws-hpc-002 aws-hpc-003 aws-hpc-020',
    '<%= config.bin %> slurm compress "n[1-3]" n4 --json',
  ];
  static override readonly args = {
    names: Args.string({ required: true, description: 'Node names or lists.' }),
  };
  static override readonly flags = {
    sort: Flags.boolean({ summary: 'Always so; for scripts written for expand.' }),
    unique: Flags.boolean({ summary: 'Always so; for scripts written for expand.' }),
  };
  static override readonly strict = false;
  static readonly output = CompressedList;

  async run(): Promise<CompressedList> {
    const { argv } = await this.parse(SlurmCompress);
    const list = this.must(compressLists(argv.map(String)));
    this.log(list);
    return { list };
  }
}
