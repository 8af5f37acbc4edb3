import { Args, Flags } from '@oclif/core';
import { Findings as Output } from '../../../schema/output/findings.ts';
import { AsbbCommand } from '../../../src/cli/base.ts';
import { checkLines, hasErrors } from '../../../src/cli/validate-view.ts';
import { validatePlan } from '../../../src/flows/plan-validate.ts';
import { planWiring } from '../../../src/wiring/advice.ts';

const REFUSED = 3;

export default class BurstValidatePlan extends AsbbCommand {
  static override readonly summary = 'Check an execution plan.';
  static override readonly description =
    'Exit code 3 when the plan is refused. --node-group also checks what the plan may name there, what its ' +
    'types cost and whether they fit; --live asks EC2.';
  static override readonly aliases = ['burst:validate:execution-plan', 'burst:validate-plan'];
  static override readonly examples = [
    '<%= config.bin %> burst validate plan /tmp/plan.json',
    '<%= config.bin %> burst validate plan /tmp/plan.json --nodes 4 --json',
  ];
  static override readonly args = {
    file: Args.string({ description: 'The plan, a JSON file.', required: true }),
  };
  static override readonly flags = {
    nodes: Flags.integer({ summary: 'Nodes of the job.', min: 1, max: 65_536, helpValue: '<n>' }),
    'node-group': Flags.string({
      summary: 'Where its nodes are, as PARTITION/GROUP.',
      helpValue: '<p/g>',
    }),
    live: Flags.boolean({ summary: 'Ask EC2 about what the plan names.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(BurstValidatePlan);
    const { nodes, live } = flags;
    const ask = { file: args.file, nodes, nodeGroup: flags['node-group'], isLive: live };
    const asked = validatePlan(ask, planWiring(await this.ports(flags)));
    const done = this.must(live ? await this.during('asking EC2', asked) : await asked);
    const { findings, source } = done;
    if (source !== undefined) {
      this.note(`instance types: ${source}`);
    }
    for (const line of findings.length === 0 ? ['the plan is good.'] : checkLines(findings)) {
      this.log(line);
    }
    if (hasErrors(findings)) {
      this.endWith(REFUSED);
    }
    return [...findings];
  }
}
