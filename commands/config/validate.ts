import { Args } from '@oclif/core';
import { ConfigValidate as Output } from '../../schema/output/config.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { foundConfig } from '../../src/wiring/config.ts';

const USAGE = 2;

export default class ConfigValidate extends AsbbCommand {
  static override readonly summary = 'Check the configuration; exit code 2 when it has problems.';
  static override readonly examples = [
    '<%= config.bin %> config validate',
    '<%= config.bin %> config validate --json',
  ];
  static override readonly args = {
    file: Args.string({ description: 'File to check; else the one that every command reads.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(ConfigValidate);
    const { file, problems, lines, notes } = foundConfig(args.file ?? flags.config);
    for (const line of lines) {
      this.log(line);
    }
    for (const note of notes) {
      this.note(note);
    }
    if (problems.length === 0) {
      this.log(`${file === '' ? 'the defaults' : file}: no problems.`);
    } else {
      this.endWith(USAGE);
    }
    return { file, problems: [...problems], notes: [...notes] };
  }
}
