import { Ecosystem } from '../../schema/output/ecosystem.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { build } from '../../src/cli/build.ts';
import { ecosystemJson, statusText } from '../../src/cli/ecosystem-view.ts';
import { seenEcosystem } from '../../src/wiring/ecosystem.ts';

export default class EcosystemStatus extends AsbbCommand {
  static override readonly summary = 'How many functions are there, and the mode that makes.';
  static override readonly examples = [
    '<%= config.bin %> ecosystem status',
    '<%= config.bin %> ecosystem status --json',
  ];
  static readonly output = Ecosystem;

  async run(): Promise<Ecosystem> {
    const { flags } = await this.parse(EcosystemStatus);
    const { settings } = await this.ports(flags);
    const seen = await this.during('looking around', seenEcosystem(settings, build.version));
    this.log(statusText(seen));
    return ecosystemJson(seen);
  }
}
