import { EcosystemConfig } from '../../schema/output/ecosystem.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { build } from '../../src/cli/build.ts';
import { ecosystemConfig, ecosystemYaml } from '../../src/cli/ecosystem-view.ts';
import { seenEcosystem } from '../../src/wiring/ecosystem.ts';

export default class EcosystemConfigCommand extends AsbbCommand {
  static override readonly summary = 'The block integration: as it is here, in YAML.';
  static override readonly examples = [
    '<%= config.bin %> ecosystem config',
    '<%= config.bin %> ecosystem config --json',
  ];
  static readonly output = EcosystemConfig;

  async run(): Promise<EcosystemConfig> {
    const { flags } = await this.parse(EcosystemConfigCommand);
    const { settings } = await this.ports(flags);
    const seen = await this.during('looking around', seenEcosystem(settings, build.version));
    const config = ecosystemConfig(seen, settings);
    this.log(ecosystemYaml(config));
    return config;
  }
}
