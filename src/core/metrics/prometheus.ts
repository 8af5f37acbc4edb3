// The text format 0.0.4 of Prometheus: what /metrics answers and a node exporter reads from a file.

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  /** A number in digits: dollars stay exact. */
  readonly value: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const SPECIAL = /[\\"\n]/gu;

function labelText(labels: MetricSample['labels']): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(SPECIAL, (found) => ESCAPES[found] ?? '')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function familyText({ name, type, help, samples }: MetricFamily): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

export function prometheusText(families: readonly MetricFamily[]): string {
  return families.map(familyText).join('');
}
