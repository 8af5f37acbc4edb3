import { Flags } from '@oclif/core';
import { SlurmConf as Output } from '../../schema/output/slurm-conf.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { FINDING_COLUMNS, findingsCode } from '../../src/cli/findings-view.ts';
import { checkSlurmConfFile, printSlurmConf } from '../../src/flows/slurm-conf.ts';
import { slurmConfPorts } from '../../src/wiring/slurm-conf.ts';

export default class SlurmConf extends AsbbCommand {
  static override readonly summary =
    'Print what slurm.conf needs for the burst partitions, or check a file.';
  static override readonly description =
    'What a node costs is on_demand_price of its type in the configuration, else the table in cost.price_file. ' +
    'With --check: exit code 1 when there is an error.';
  static override readonly examples = [
    '<%= config.bin %> slurm conf',
    '<%= config.bin %> slurm conf --lua',
    '<%= config.bin %> slurm conf --json',
  ];
  static override readonly flags = {
    lua: Flags.boolean({ summary: 'Print job_submit.lua instead.', exclusive: ['check'] }),
    check: Flags.string({ summary: 'Check this slurm.conf.', helpValue: '<file>' }),
    wide: Flags.boolean({ summary: 'Do not cut columns.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(SlurmConf);
    const ports = await slurmConfPorts(await this.ports(flags));
    if (flags.check === undefined) {
      const text = this.must(printSlurmConf(flags.lua, ports));
      this.log(text.trimEnd());
      return { text };
    }
    const file = flags.check;
    const findings = [...this.must(await checkSlurmConfFile(file, ports))];
    const empty = `${file} has what the burst partitions need.`;
    this.table(FINDING_COLUMNS, findings, { empty, isWide: flags.wide });
    this.endWith(findingsCode(findings));
    return { file, findings };
  }
}
