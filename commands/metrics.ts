import { Flags } from '@oclif/core';
import { Metrics as Output } from '../schema/output/metrics.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { metricsJson, metricsText } from '../src/cli/metrics-view.ts';
import { textFile } from '../src/cli/output-file.ts';
import { metrics } from '../src/flows/metrics.ts';
import { metricsWiring } from '../src/wiring/metrics.ts';

export default class Metrics extends AsbbCommand {
  static override readonly summary = 'Figures of the ledger for Prometheus.';
  static override readonly description =
    'Prometheus text format. asbb maintain --textfile keeps the file up to date.';
  static override readonly examples = [
    '<%= config.bin %> metrics',
    '<%= config.bin %> metrics --textfile /tmp/asbb.prom',
  ];
  static override readonly flags = {
    textfile: Flags.string({
      summary: 'Write them to this file of a node exporter instead.',
      helpValue: '<file>',
    }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(Metrics);
    const ports = await this.ports(flags);
    this.enabled(ports.settings.metrics.enabled, 'metrics.enabled');
    const { textfile } = flags;
    const path = textfile === undefined ? undefined : this.must(textFile(textfile, ports.settings));
    const wired = metricsWiring(ports);
    const families = await metrics(wired);
    const text = metricsText(families);
    if (path === undefined) {
      this.log(text.trimEnd());
    } else {
      wired.place(path, text);
    }
    return metricsJson(families);
  }
}
