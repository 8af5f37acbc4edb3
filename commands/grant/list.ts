import { Flags } from '@oclif/core';
import { type Grant, GrantList as Output } from '../../schema/output/grant.ts';
import { pageFlags } from '../../src/cli/flags.ts';
import { GrantCommand } from '../../src/cli/grant-command.ts';
import { grantJson } from '../../src/cli/grant-json.ts';
import { GRANT_COLUMNS } from '../../src/cli/grant-view.ts';
import { AS_OF } from '../../src/cli/target-flags.ts';
import { AWARD_STATUS_OPTIONS, listGrants } from '../../src/flows/grant-read.ts';

export default class GrantList extends GrantCommand {
  static override readonly summary = 'List the grants, newest first.';
  static override readonly description =
    'With --active and a pipe behind it, it prints the bare numbers, one a line, as --format=ids does: asbb grant list --active | xargs -I {} asbb burn-rate {}. --format=table prints the table there too.';
  static override readonly examples = [
    '<%= config.bin %> grant list',
    '<%= config.bin %> grant list --active --agency "National Science" --pi smith',
    '<%= config.bin %> grant list --active --format=ids',
  ];
  static override readonly flags = {
    active: Flags.boolean({ summary: 'Only active grants whose period it is.' }),
    status: Flags.option({
      summary: 'Only grants of this status.',
      options: AWARD_STATUS_OPTIONS,
    })(),
    agency: Flags.string({ summary: 'Only of agencies with this in their name.' }),
    pi: Flags.string({ summary: 'Only with this in the name of the PI or a co-PI.' }),
    format: Flags.option({
      summary: 'table, or ids: bare grant numbers, one a line.',
      options: ['table', 'ids'] as const,
    })(),
    ...pageFlags,
    'as-of': AS_OF,
  };
  static readonly output = Output;

  async run(): Promise<readonly Grant[]> {
    const { flags } = await this.parse(GrantList);
    const ports = await this.grantPorts(flags);
    const sights = this.must(await listGrants({ ...flags, asOf: flags['as-of'] }, ports));
    const isPiped = flags.active && !process.stdout.isTTY;
    if ((flags.format ?? (isPiped ? 'ids' : 'table')) === 'ids') {
      this.lines(sights.map(({ outline }) => outline.award.number));
    } else {
      this.table(GRANT_COLUMNS, sights, {
        empty: 'No research grants found.',
        isWide: flags.wide,
      });
    }
    return sights.map(grantJson);
  }
}
