import { Ecosystem } from '../../schema/output/ecosystem.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { build } from '../../src/cli/build.ts';
import { discoverLines, ecosystemJson, SERVICE_COLUMNS } from '../../src/cli/ecosystem-view.ts';
import { seenEcosystem } from '../../src/wiring/ecosystem.ts';

export default class EcosystemDiscover extends AsbbCommand {
  static override readonly summary =
    'Which functions are built in, switched off, or answered elsewhere.';
  static override readonly examples = [
    '<%= config.bin %> ecosystem discover',
    '<%= config.bin %> ecosystem discover --json',
  ];
  static readonly output = Ecosystem;

  async run(): Promise<Ecosystem> {
    const { flags } = await this.parse(EcosystemDiscover);
    const { settings } = await this.ports(flags);
    const seen = await this.during('looking around', seenEcosystem(settings, build.version));
    this.table(SERVICE_COLUMNS, seen.services, { empty: '' });
    for (const line of discoverLines(seen)) {
      this.log(line);
    }
    return ecosystemJson(seen);
  }
}
