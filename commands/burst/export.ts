import { Flags } from '@oclif/core';
import { BurstExport as Output } from '../../schema/output/burst-export.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { build } from '../../src/cli/build.ts';
import { exportJson, exportText } from '../../src/cli/export-view.ts';
import { burstExport } from '../../src/flows/burst-export.ts';
import { burstExportWiring, placeExport } from '../../src/wiring/burst-export.ts';

export default class BurstExport extends AsbbCommand {
  static override readonly summary = 'Export what a job on EC2 did and cost, for other programs.';
  static override readonly description =
    'Formats: asba-learning (also called json), slurm-comment, asbb-reconciliation, cost. What is not known ' +
    'is left out. --anonymize drops who and what; the job id becomes a keyed hash.';
  static override readonly examples = [
    '<%= config.bin %> burst export --job-id 4711 --stdout',
    '<%= config.bin %> burst export --job-id 4711 --format cost --output-dir /tmp/exports',
    '<%= config.bin %> burst export --job-id 4711 --anonymize --json',
  ];
  static override readonly flags = {
    'job-id': Flags.string({ summary: 'Job, as 123 or 123_4.', required: true }),
    format: Flags.string({ summary: 'What to write.', default: 'asba-learning' }),
    'output-dir': Flags.string({
      summary: 'Folder of the file.',
      default: '/var/spool/asba/learning',
      helpValue: '<folder>',
    }),
    stdout: Flags.boolean({ summary: 'Print it; write no file.' }),
    anonymize: Flags.boolean({ summary: 'Without user, account, names and ids.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(BurstExport);
    const { format } = flags;
    const ports = burstExportWiring(await this.ports(flags), build.version);
    const ask = { jobId: flags['job-id'], format, isAnonymous: flags.anonymize };
    const { file: name, document } = this.must(await burstExport(ask, ports));
    const text = exportText(document);
    if (flags.stdout) {
      this.log(text.trimEnd());
      return exportJson(format, undefined, document);
    }
    const file = placeExport(ports.settings, { format, folder: flags['output-dir'], name, text });
    this.log(`${file} was written.`);
    return exportJson(format, file, document);
  }
}
