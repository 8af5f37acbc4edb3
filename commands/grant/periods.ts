import { Flags } from '@oclif/core';
import { type GrantPeriod, GrantPeriodList } from '../../schema/output/grant.ts';
import { grantArg } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { periodsJson } from '../../src/cli/grant-json.ts';
import { PERIOD_COLUMNS } from '../../src/cli/grant-view.ts';
import { AS_OF } from '../../src/cli/target-flags.ts';
import { showGrant } from '../../src/flows/grant-read.ts';

export default class GrantPeriods extends GrantCommand {
  static override readonly summary = 'List the budget periods of a grant.';
  static override readonly description =
    'CARRYOVER is what came from the period before (negative: its overrun). BUDGET + CARRYOVER - SPENT - COMMITTED = REMAINING. Committed are the pending holds; they stand in the current period.';
  static override readonly examples = [
    '<%= config.bin %> grant periods NSF-2024-12345',
    '<%= config.bin %> grant periods NSF-2024-12345 --json',
  ];
  static override readonly args = { grant: grantArg };
  static override readonly flags = {
    wide: Flags.boolean({ summary: 'Cut nothing, however wide the table gets.' }),
    'as-of': AS_OF,
  };
  static readonly output = GrantPeriodList;

  async run(): Promise<readonly GrantPeriod[]> {
    const { args, flags } = await this.parse(GrantPeriods);
    const ports = await this.grantPorts(flags);
    const query = { number: args.grant, asOf: flags['as-of'] };
    const sight = this.must(await showGrant(query, ports));
    this.table(PERIOD_COLUMNS, sight.outline.periods, {
      empty: 'No budget periods.',
      isWide: flags.wide,
    });
    return periodsJson(sight);
  }
}
