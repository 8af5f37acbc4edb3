import { ServiceStatus as Output } from '../../schema/output/ecosystem.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { build } from '../../src/cli/build.ts';
import { serviceStatusJson, serviceText } from '../../src/cli/ecosystem-view.ts';
import { serviceStatus } from '../../src/flows/service-status.ts';
import { seenEcosystem } from '../../src/wiring/ecosystem.ts';

export default class ServiceStatus extends AsbbCommand {
  static override readonly summary = 'Is the store sound, when did maintain run, what is built in.';
  static override readonly description = 'Exit code 75 when the store cannot be used.';
  static override readonly examples = [
    '<%= config.bin %> service status',
    '<%= config.bin %> service status --json',
  ];
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(ServiceStatus);
    const ports = await this.ports(flags);
    const ecosystem = await seenEcosystem(ports.settings, build.version);
    const status = await serviceStatus(ecosystem, ports);
    this.log(serviceText(status));
    this.endWith(status.exitCode);
    return serviceStatusJson(status);
  }
}
