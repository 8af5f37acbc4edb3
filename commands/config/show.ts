import { Flags } from '@oclif/core';
import { ConfigShow as Output } from '../../schema/output/config.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { CONFIG_COLUMNS, wrongConfig } from '../../src/cli/config-view.ts';
import { foundConfig } from '../../src/wiring/config.ts';

export default class ConfigShow extends AsbbCommand {
  static override readonly summary = 'Show every effective value and where it came from.';
  static override readonly examples = [
    '<%= config.bin %> config show',
    '<%= config.bin %> config show --json',
  ];
  static override readonly flags = {
    changed: Flags.boolean({ summary: 'Leave out what has its default.' }),
    wide: Flags.boolean({ summary: 'Do not cut columns.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(ConfigShow);
    const { file, lines, values } = foundConfig(flags.config);
    this.must(wrongConfig(lines));
    const shown = values.filter(({ origin }) => !flags.changed || origin !== 'default');
    this.table(CONFIG_COLUMNS, shown, { empty: 'All defaults.', isWide: flags.wide });
    return { file, values: [...shown] };
  }
}
