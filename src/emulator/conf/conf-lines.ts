import { unsupported } from '../complaint.ts';

/** One line of slurm.conf: its keys in lower case, in order, with the values as written. */
export type ConfLine = ReadonlyMap<string, string>;

const PAIR = /([A-Za-z_][A-Za-z0-9_[\]]*)\s*=\s*(?:"([^"]*)"|([^\s"]*))/y;
const COMMENT = /#.*/;
const SPACE = /\s+/y;
const INCLUDE = /^include\s/i;

/** slurm.conf(5): `Key=Value` pairs, `#` to the end of a line, `\` at its end goes on. */
export function confLines(text: string): readonly ConfLine[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(COMMENT, '').trim())
    .filter((line) => line !== '')
    .map(confLine);
}

function confLine(line: string): ConfLine {
  if (INCLUDE.test(line)) {
    throw unsupported(`${line} in slurm.conf`);
  }
  const pairs = new Map<string, string>();
  for (let at = 0; at < line.length; ) {
    SPACE.lastIndex = at;
    at += SPACE.exec(line)?.[0].length ?? 0;
    PAIR.lastIndex = at;
    const found = PAIR.exec(line);
    if (found === null) {
      throw unsupported(`line of slurm.conf: ${line}`);
    }
    pairs.set((found[1] ?? '').toLowerCase(), found[2] ?? found[3] ?? '');
    at += found[0].length;
  }
  return pairs;
}
