import { GrantDetails } from '../../schema/output/grant.ts';
import { burnJson } from '../../src/cli/burn-json.ts';
import { grantArg } from '../../src/cli/flags.ts';
import { grantBurnText } from '../../src/cli/grant-burn-view.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { detailsJson } from '../../src/cli/grant-json.ts';
import { grantText } from '../../src/cli/grant-view.ts';
import { AS_OF } from '../../src/cli/target-flags.ts';
import { showBurnRate } from '../../src/flows/burn-rate.ts';
import { showGrant } from '../../src/flows/grant-read.ts';

export default class GrantShow extends GrantCommand {
  static override readonly summary = 'Show one grant: its money, its period, its burn rate.';
  static override readonly description =
    'Spent is what the award paid: jobs of linked accounts, their F&A, and entries outside SLURM. The burn rate counts jobs and their F&A on complete days.';
  static override readonly examples = [
    '<%= config.bin %> grant show NSF-2024-12345',
    '<%= config.bin %> grant show NSF-2024-12345 --json',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = { 'as-of': AS_OF };
  static readonly output = GrantDetails;

  async run(): Promise<GrantDetails> {
    const { args, flags } = await this.parse(GrantShow);
    const ports = await this.grantPorts(flags);
    const asOf = flags['as-of'];
    const sight = this.must(await showGrant({ number: args.grant, asOf }, ports));
    const isBurn = ports.settings.integration.burn_rate_analysis_enabled;
    const query = { target: args.grant, kind: 'grant', asOf } as const;
    const burn = isBurn ? this.must(await showBurnRate(query, ports)) : undefined;
    const blocks = [
      grantText(sight),
      ...(burn === undefined ? [] : [grantBurnText(burn)]),
      this.tables(sight),
    ];
    this.log(blocks.join('\n\n'));
    return {
      ...detailsJson(sight),
      burn_rate: burn === undefined ? undefined : burnJson(burn, true),
    };
  }
}
