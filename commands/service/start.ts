import { ServiceStart as Output } from '../../schema/output/ecosystem.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { startText } from '../../src/cli/ecosystem-view.ts';

export default class ServiceStart extends AsbbCommand {
  static override readonly summary = 'How the REST API is answered: there is no daemon to start.';
  static override readonly examples = ['<%= config.bin %> service start'];
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(ServiceStart);
    const { settings } = await this.ports(flags);
    const text = startText(settings);
    this.log(text);
    return { text };
  }
}
