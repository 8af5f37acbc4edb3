import { Flags } from '@oclif/core';
import { ConfigInit as Output } from '../../schema/output/config.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { initialConfig, writeConfig } from '../../src/wiring/config.ts';

export default class ConfigInit extends AsbbCommand {
  static override readonly summary = 'Write a configuration with every key and its default.';
  static override readonly examples = [
    '<%= config.bin %> config init',
    '<%= config.bin %> config init --output /tmp/config.yaml',
  ];
  static override readonly flags = {
    output: Flags.string({ summary: 'File to write; else stdout.', helpValue: '<file>' }),
    force: Flags.boolean({ summary: 'Replace the file when it exists.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(ConfigInit);
    const text = initialConfig();
    if (flags.output === undefined) {
      this.log(text.trimEnd());
      return { text };
    }
    this.must(writeConfig(flags.output, text, flags.force));
    this.log(`${flags.output} was written; next: edit it, then asbb config validate.`);
    return { file: flags.output };
  }
}
