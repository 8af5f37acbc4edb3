import { Flags } from '@oclif/core';
import { Recover as Output } from '../schema/output/maintain.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { secondsOf } from '../src/cli/duration-flag.ts';
import { RECOVER_COLUMNS, recoverJson, recoverLine } from '../src/cli/recover-view.ts';
import { recover } from '../src/flows/recover.ts';
import { settleWiring } from '../src/wiring/settle.ts';

export default class Recover extends AsbbCommand {
  static override readonly summary = 'Settle holds whose hooks never came.';
  static override readonly description =
    "Asks SLURM what became of each hold's job, charges what its instances cost and gives the rest " +
    'back. When SLURM does not answer nothing is touched, and the exit code is 75.';
  static override readonly examples = [
    '<%= config.bin %> recover --dry-run',
    '<%= config.bin %> recover --reconcile-orphaned',
    '<%= config.bin %> recover --older-than 2h --json',
  ];
  static override readonly role = 'administrator';
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'Show what would be done; change nothing.' }),
    'reconcile-orphaned': Flags.boolean({
      summary: 'Price the time of jobs whose real cost nobody tells.',
    }),
    'older-than': Flags.string({
      summary: 'List holds that stay only when they are older than this.',
      helpValue: '<duration>',
    }),
    wide: Flags.boolean({ summary: 'Do not cut columns.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(Recover);
    const olderThanS = this.must(secondsOf('--older-than', flags['older-than']));
    const ports = settleWiring(await this.ports(flags));
    const mayPrice = flags['reconcile-orphaned'] || undefined;
    const options = { isDryRun: flags['dry-run'], olderThanS, mayPrice };
    const result = await this.during('asking SLURM', recover(options, ports));
    if (result.rows.length > 0) {
      this.table(RECOVER_COLUMNS, result.rows, { empty: '', isWide: flags.wide });
    }
    this.log(recoverLine(result));
    this.endWith(result.exitCode);
    return recoverJson(result);
  }
}
