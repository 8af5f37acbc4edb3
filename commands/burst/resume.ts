import { Args, Flags } from '@oclif/core';
import { BurstResume as Output } from '../../schema/output/burst-resume.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { namedPlans, resumeAsk } from '../../src/cli/burst-resume-ask.ts';
import {
  rehearsalJson,
  rehearsalLines,
  resumeJson,
  resumeLines,
} from '../../src/cli/burst-resume-view.ts';
import { LONG_WORD_MAX } from '../../src/cli/guard.ts';
import { resume } from '../../src/flows/resume.ts';
import { rehearseResume } from '../../src/flows/resume-rehearsal.ts';
import { burstWiring } from '../../src/wiring/burst.ts';

export default class BurstResume extends AsbbCommand {
  static override readonly wordMax = LONG_WORD_MAX;
  static override readonly summary = 'Launch the instances of nodes, as ResumeProgram does.';
  static override readonly description =
    'For the jobs that wait for the nodes, each all or nothing, paid by its hold; nodes that no job ' +
    'waits for are paid by cost.pool_account. Nodes that are up are left as they are. ' +
    'A plan that is refused is told with all its findings, and changes nothing. ' +
    'Exit codes: 3 refused, 10 the hold is too small, 75 throttled before any launch.';
  static override readonly examples = [
    '<%= config.bin %> burst resume "aws-cpu-[001-004]" --dry-run',
    '<%= config.bin %> burst resume aws-cpu-001 --dry-run --check-iam --json',
    '<%= config.bin %> burst resume aws-cpu-001 --job 123 --timeout 5m --dry-run',
  ];
  static override readonly role = 'administrator';
  static override readonly args = {
    list: Args.string({ required: true, description: 'Node list, as SLURM writes it.' }),
  };
  static override readonly flags = {
    job: Flags.string({ summary: 'Only for this job; else whoever waits for the nodes.' }),
    'dry-run': Flags.boolean({ summary: 'Show calls, cost and hold; launch nothing.' }),
    'check-iam': Flags.boolean({
      summary: 'Ask EC2 whether the calls would be allowed.',
      dependsOn: ['dry-run'],
    }),
    'execution-plan': Flags.string({ summary: 'Launch by this plan.', helpValue: '<file>' }),
    'plan-dir': Flags.string({ summary: 'Look for plans by job id there.', helpValue: '<dir>' }),
    timeout: Flags.string({ summary: 'Stop cleanly after so long.', default: '10m' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(BurstResume);
    const ask = this.must(resumeAsk(args.list, flags));
    const plans = this.must(namedPlans(flags));
    const isDryRun = Boolean(flags['dry-run']);
    const named = { ...plans, isByHand: true, isDryRun };
    const ports = burstWiring(await this.ports(flags), named);
    if (isDryRun) {
      const options = { asksPermission: Boolean(flags['check-iam']) };
      const work = rehearseResume(ask, options, ports);
      const rehearsal = this.must(await this.during('asking SLURM and EC2', work));
      for (const note of rehearsal.notes) {
        this.note(note);
      }
      this.log(rehearsalLines(rehearsal).join('\n'));
      this.endWith(rehearsal.exitCode);
      return rehearsalJson(rehearsal);
    }
    const result = this.must(await this.during('launching', resume(ask, ports)));
    this.log(resumeLines(result).join('\n'));
    this.endWith(result.exitCode);
    return resumeJson(result);
  }
}
