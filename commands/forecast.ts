import { Args, Flags } from '@oclif/core';
import { Forecast as Output } from '../schema/output/burn.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { forecastJson } from '../src/cli/burn-json.ts';
import { forecastText } from '../src/cli/burn-view.ts';
import { AS_OF, BURN_KEY, targetOf } from '../src/cli/target-flags.ts';
import { showForecast } from '../src/flows/forecast.ts';

export default class Forecast extends AsbbCommand {
  static override readonly summary = 'Show when the money of an account or a grant will be gone.';
  static override readonly examples = [
    '<%= config.bin %> forecast ml-7',
    '<%= config.bin %> forecast ml-7 --period 90d --json',
  ];
  static override readonly args = {
    target: Args.string({ description: 'Account, or number of a grant; else ASBB_ACCOUNT.' }),
  };
  static override readonly flags = {
    period: Flags.string({
      summary: 'Days whose average is taken to go on: 7d, 30d, 90d, 6m, 1y, …',
      default: '30d',
    }),
    account: Flags.boolean({ summary: 'It is an account.', exclusive: ['grant'] }),
    grant: Flags.boolean({ summary: 'It is a grant.', exclusive: ['account'] }),
    tree: Flags.boolean({ summary: 'Of an account: with the accounts below it.' }),
    'as-of': AS_OF,
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(Forecast);
    const target = this.needed(args.target ?? this.config.scopedEnvVar('ACCOUNT'), 'account');
    const ports = await this.ports(flags);
    this.enabled(ports.settings.integration.burn_rate_analysis_enabled, BURN_KEY);
    const answer = this.must(await showForecast(targetOf(target, flags), ports));
    if (answer.isAmbiguous) {
      this.note(`${target} is a grant and an account; this is the grant (--account: the other)`);
    }
    this.log(forecastText(answer));
    return forecastJson(answer.forecast);
  }
}
