import { Flags } from '@oclif/core';
import { NodesList as Output } from '../../schema/output/nodes.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { breakerLines, NODE_COLUMNS, nodesJson, protectedLines } from '../../src/cli/nodes-view.ts';
import { listNodes } from '../../src/flows/nodes-list.ts';
import { burstWiring } from '../../src/wiring/burst.ts';

export default class NodesList extends AsbbCommand {
  static override readonly summary = 'List burst nodes with the instances they run on.';
  static override readonly description =
    'Nodes that are powered down and have no instance are left out, unless --all or --state names them.';
  static override readonly examples = [
    '<%= config.bin %> nodes list',
    '<%= config.bin %> nodes list --partition aws --json',
    '<%= config.bin %> nodes list --state POWERED_DOWN',
  ];
  static override readonly flags = {
    partition: Flags.string({ summary: 'Only of this partition.' }),
    state: Flags.string({ summary: 'Only with this state or flag, as IDLE or POWERING_UP.' }),
    all: Flags.boolean({ summary: 'Also nodes that are powered down.' }),
    wide: Flags.boolean({ summary: 'Do not cut columns.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(NodesList);
    const found = this.must(await listNodes(flags, burstWiring(await this.ports(flags))));
    this.table(NODE_COLUMNS, found.nodes, { empty: 'No nodes in use.', isWide: flags.wide });
    for (const line of [...protectedLines(found), ...breakerLines(found)]) {
      this.note(line);
    }
    return nodesJson(found);
  }
}
