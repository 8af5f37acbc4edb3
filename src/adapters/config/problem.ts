/** One thing that is wrong in the configuration. */
export interface Problem {
  /** `/etc/asbb/config.yaml:12`, `environment ASBB_SLURM_USER`, or the file alone. */
  readonly where: string;
  /** Dotted path as in the file: `slurm.partitions[0].fail`; '' when the text says it all. */
  readonly key: string;
  readonly message: string;
  /** What stood there, shortened; undefined when nothing did or when it is a secret. */
  readonly got?: string | undefined;
}

const SHOWN = 80;

export function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/gu, '�');
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain;
}

/** `slurm.partitions[0].fail` of `['slurm', 'partitions', 0, 'fail']`. */
export function dotted(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    text += typeof step === 'number' ? `[${step}]` : `${text === '' ? '' : '.'}${String(step)}`;
  }
  return text;
}

/** `FILE:LINE: key: message (got …)`; the key only where the message does not begin with it. */
export function renderProblem({ where, key, message, got }: Problem): string {
  const place = where === '' ? '' : `${where}: `;
  const named = key === '' || message.startsWith(key) ? '' : `${key}: `;
  return `${place}${named}${message}${got === undefined ? '' : ` (got ${got})`}`;
}
