import { Flags } from '@oclif/core';
import { IamPolicy as Output } from '../../schema/output/iam-policy.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { policyJson } from '../../src/cli/validate-view.ts';
import { printPolicy } from '../../src/flows/iam-policy.ts';
import { hasReboot } from '../../src/wiring/validate.ts';

export default class BurstIamPolicy extends AsbbCommand {
  static override readonly summary = 'Print the IAM policy that the head node needs, and no more.';
  static override readonly description =
    'By the configuration: cluster, subnets, launch templates, regions. Nodes need no right at all. ' +
    'RebootInstances is in it when RebootProgram lies beside slurm.resume_program.';
  static override readonly examples = [
    '<%= config.bin %> burst iam-policy',
    '<%= config.bin %> burst iam-policy --node-role arn:aws:iam::111122223333:role/asbb-node',
    '<%= config.bin %> burst iam-policy --resume-only --json',
  ];
  static override readonly flags = {
    'node-role': Flags.string({
      summary: 'ARN of the role of the nodes; else named as their instance profile.',
      helpValue: '<arn>',
    }),
    'resume-only': Flags.boolean({
      summary: 'Only what resume calls: not what reconcile, reboot and price updates do.',
    }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(BurstIamPolicy);
    const { settings } = await this.ports(flags);
    const ask = {
      nodeRole: flags['node-role'] ?? '',
      isResumeOnly: flags['resume-only'],
      hasReboot: hasReboot(settings),
    };
    const { document, notes } = this.must(printPolicy(settings, ask));
    this.log(JSON.stringify(document, null, 2));
    for (const note of notes) {
      this.note(note);
    }
    return policyJson(document);
  }
}
