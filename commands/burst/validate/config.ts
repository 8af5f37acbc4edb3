import { Args, Flags } from '@oclif/core';
import { Findings as Output } from '../../../schema/output/findings.ts';
import { AsbbCommand } from '../../../src/cli/base.ts';
import { checkLines, configFindings, hasErrors } from '../../../src/cli/validate-view.ts';
import { liveChecks } from '../../../src/flows/burst-validate.ts';
import { foundConfig } from '../../../src/wiring/config.ts';
import { validateWiring } from '../../../src/wiring/validate.ts';

const USAGE = 2;

export default class BurstValidateConfig extends AsbbCommand {
  static override readonly summary = 'Check a burst configuration, also against AWS and SLURM.';
  static override readonly description =
    'Exit code 2 when there is an error. --live changes nothing: it reads, and asks EC2 by dry runs.';
  static override readonly examples = [
    '<%= config.bin %> burst validate config',
    '<%= config.bin %> burst validate config --json',
  ];
  static override readonly args = {
    file: Args.string({ description: 'File to check; else the one that every command reads.' }),
  };
  static override readonly flags = {
    live: Flags.boolean({ summary: 'Ask AWS and SLURM about what the file names.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(BurstValidateConfig);
    const config = args.file ?? flags.config;
    const found = foundConfig(config);
    const isLive = flags.live && found.problems.length === 0;
    const live = isLive ? await this.#live({ ...flags, config }) : [];
    const findings = configFindings(found, live);
    const name = found.file === '' ? 'the defaults' : found.file;
    for (const line of findings.length === 0 ? [`${name}: no findings.`] : checkLines(findings)) {
      this.log(line);
    }
    if (hasErrors(findings)) {
      this.endWith(USAGE);
    }
    return findings;
  }

  async #live(flags: { readonly config: string | undefined }): ReturnType<typeof liveChecks> {
    const ports = await validateWiring(await this.ports(flags));
    return await this.during('asking SLURM and AWS', liveChecks(ports));
  }
}
