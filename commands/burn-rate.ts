import { Args, Flags } from '@oclif/core';
import { BurnRate as Output } from '../schema/output/burn.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { burnJson } from '../src/cli/burn-json.ts';
import { activeAlertsText, burnText } from '../src/cli/burn-view.ts';
import { AS_OF, BURN_KEY, targetOf } from '../src/cli/target-flags.ts';
import { showBurnRate } from '../src/flows/burn-rate.ts';

export default class BurnRate extends AsbbCommand {
  static override readonly summary = 'Show how an account or a grant spends beside its plan.';
  static override readonly description =
    'Days are complete days: today does not count. A grant of this name wins over an account.';
  static override readonly examples = [
    '<%= config.bin %> burn-rate ml-7',
    '<%= config.bin %> burn-rate ml-7 --period 90d --projection',
    '<%= config.bin %> burn-rate ml-7 --alerts-only',
    '<%= config.bin %> burn-rate ml-7 --period 6m --tree --json',
    '<%= config.bin %> burn-rate NSF-2024-12345 --all-costs',
  ];
  static override readonly args = {
    target: Args.string({ description: 'Account, or number of a grant; else ASBB_ACCOUNT.' }),
  };
  static override readonly flags = {
    period: Flags.string({
      summary: 'Days, weeks, months or years back: 7d, 30d, 90d, 6m, 1y, …',
      default: '30d',
    }),
    projection: Flags.boolean({ summary: 'Where spending ends if it goes on like this.' }),
    'alerts-only': Flags.boolean({ summary: 'Only the active alerts.' }),
    account: Flags.boolean({ summary: 'It is an account.', exclusive: ['grant'] }),
    grant: Flags.boolean({ summary: 'It is a grant.', exclusive: ['account'] }),
    tree: Flags.boolean({ summary: 'Of an account: with the accounts below it.' }),
    'all-costs': Flags.boolean({
      summary: 'Of a grant: with payroll and whatever else was entered beside SLURM.',
    }),
    'as-of': AS_OF,
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(BurnRate);
    const target = this.needed(args.target ?? this.config.scopedEnvVar('ACCOUNT'), 'account');
    const ports = await this.ports(flags);
    this.enabled(ports.settings.integration.burn_rate_analysis_enabled, BURN_KEY);
    const answer = this.must(await showBurnRate(targetOf(target, flags), ports));
    if (answer.isAmbiguous) {
      this.note(`${target} is a grant and an account; this is the grant (--account: the other)`);
    }
    const withProjection = flags.projection;
    this.log(flags['alerts-only'] ? activeAlertsText(answer) : burnText(answer, withProjection));
    return burnJson(answer, withProjection);
  }
}
