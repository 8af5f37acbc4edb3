import { Checks as Output } from '../../../schema/output/findings.ts';
import { AsbbCommand } from '../../../src/cli/base.ts';
import { checkLines, configChecks, hasErrors } from '../../../src/cli/validate-view.ts';
import { validateIntegration } from '../../../src/flows/burst-validate.ts';
import { foundConfig } from '../../../src/wiring/config.ts';
import { validateWiring } from '../../../src/wiring/validate.ts';

const FAILED = 1;

export default class BurstValidateIntegration extends AsbbCommand {
  static override readonly summary = 'Check everything that bursting needs, each with its fix.';
  static override readonly description =
    'Configuration, ledger, SLURM, AWS, prices, advisor. Changes nothing. Exit code 1 when there is an error.';
  static override readonly examples = [
    '<%= config.bin %> burst validate integration',
    '<%= config.bin %> burst validate integration --json',
  ];
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(BurstValidateIntegration);
    const found = foundConfig(flags.config);
    const checks =
      found.problems.length > 0
        ? configChecks(found)
        : await this.during(
            'asking SLURM and AWS',
            validateIntegration(await validateWiring(await this.ports(flags))),
          );
    for (const line of checkLines(checks)) {
      this.log(line);
    }
    if (hasErrors(checks)) {
      this.endWith(FAILED);
    }
    return [...checks];
  }
}
