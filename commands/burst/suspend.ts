import { Args, Flags } from '@oclif/core';
import { BurstSuspend as Output } from '../../schema/output/burst-suspend.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { suspendJson, suspendLines } from '../../src/cli/burst-suspend-view.ts';
import { LONG_WORD_MAX } from '../../src/cli/guard.ts';
import { suspend } from '../../src/flows/suspend.ts';
import { burstWiring } from '../../src/wiring/burst.ts';

export default class BurstSuspend extends AsbbCommand {
  static override readonly wordMax = LONG_WORD_MAX;
  static override readonly summary = 'Terminate the instances of nodes, as SuspendProgram does.';
  static override readonly description =
    'A node without an instance is no mistake, and one whose job still runs is left alone. ' +
    'Exit code 75: EC2 or the ledger had no time, call it again.';
  static override readonly examples = [
    '<%= config.bin %> burst suspend "aws-cpu-[001-004]" --dry-run',
    '<%= config.bin %> burst suspend aws-cpu-001 --json',
  ];
  static override readonly role = 'administrator';
  static override readonly args = {
    list: Args.string({ required: true, description: 'Node list, as SLURM writes it.' }),
  };
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'Show what would be terminated; do nothing.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(BurstSuspend);
    const isDryRun = Boolean(flags['dry-run']);
    const ports = burstWiring(await this.ports(flags), { isDryRun });
    const work = suspend(args.list, ports, isDryRun);
    const result = this.must(await this.during('asking SLURM and EC2', work));
    for (const note of result.notes) {
      this.note(note);
    }
    for (const line of suspendLines(result, isDryRun)) {
      this.log(line);
    }
    this.endWith(result.exitCode);
    return suspendJson(result, isDryRun);
  }
}
