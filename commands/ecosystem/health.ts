import { Ecosystem } from '../../schema/output/ecosystem.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { build } from '../../src/cli/build.ts';
import { ecosystemJson, healthText } from '../../src/cli/ecosystem-view.ts';
import { seenEcosystem } from '../../src/wiring/ecosystem.ts';

export default class EcosystemHealth extends AsbbCommand {
  static override readonly summary = 'One line a function, and the verdict.';
  static override readonly examples = [
    '<%= config.bin %> ecosystem health',
    '<%= config.bin %> ecosystem health --json',
  ];
  static readonly output = Ecosystem;

  async run(): Promise<Ecosystem> {
    const { flags } = await this.parse(EcosystemHealth);
    const { settings } = await this.ports(flags);
    const seen = await this.during('looking around', seenEcosystem(settings, build.version));
    this.log(healthText(seen));
    return ecosystemJson(seen);
  }
}
