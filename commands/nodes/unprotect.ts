import { Args, Flags } from '@oclif/core';
import { NodesUnprotect as Output } from '../../schema/output/nodes.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { unprotectedJson, unprotectedLine } from '../../src/cli/nodes-view.ts';
import { unprotectPartition } from '../../src/flows/nodes-unprotect.ts';
import { burstWiring } from '../../src/wiring/burst.ts';

export default class NodesUnprotect extends AsbbCommand {
  static override readonly summary = 'Let a partition take jobs again whose nodes booted in vain.';
  static override readonly description =
    'After burst.protected_failure_count boots without a node, `nodes reconcile` sets a partition ' +
    'INACTIVE and its jobs wait. When the cause is mended, this sets it UP and counts from zero.';
  static override readonly examples = [
    '<%= config.bin %> nodes unprotect aws --dry-run',
    '<%= config.bin %> nodes unprotect aws',
  ];
  static override readonly role = 'administrator';
  static override readonly args = {
    partition: Args.string({ required: true, description: 'Partition of the configuration.' }),
  };
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(NodesUnprotect);
    const ask = { partition: args.partition, isDryRun: flags['dry-run'] };
    const ports = burstWiring(await this.ports(flags));
    const result = this.must(await unprotectPartition(ask, ports));
    this.log(unprotectedLine(result));
    return unprotectedJson(result);
  }
}
