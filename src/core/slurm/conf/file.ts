/** One line of slurm.conf(5) as its parameters, names in lower case. */
export type ConfLine = ReadonlyMap<string, string>;

export interface SlurmConf {
  /** Single parameters; the last one given counts, as in slurmctld. */
  readonly settings: ConfLine;
  /** NodeName and PartitionName lines, with what their DEFAULT lines say. */
  readonly nodes: readonly ConfLine[];
  readonly partitions: readonly ConfLine[];
  /** `Include` files, as written. */
  readonly includes: readonly string[];
}

const COMMENT = /(^|[^\\])#.*$/u;
const CONTINUED = /\\[ \t]*\n/gu;
const PARAMETER = /([A-Za-z][A-Za-z0-9_/]*)\s*=\s*("[^"]*"|\S*)/gu;
const INCLUDE = /^\s*include\s+(\S+)\s*$/iu;
const QUOTED = /^"(.*)"$/su;

function parametersOf(line: string): ConfLine {
  return new Map(
    [...line.matchAll(PARAMETER)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value.replace(QUOTED, '$1'),
    ]),
  );
}

/** Lines named DEFAULT set what the later ones of their kind leave out. */
function withDefaults(lines: readonly ConfLine[], name: string): readonly ConfLine[] {
  let defaults: ConfLine = new Map();
  return lines.flatMap((line) => {
    if (line.get(name)?.toUpperCase() === 'DEFAULT') {
      defaults = new Map([...defaults, ...line]);
      return [];
    }
    return [new Map([...defaults, ...line])];
  });
}

function isListed(line: ConfLine): boolean {
  return line.has('nodename') || line.has('partitionname');
}

export function parseSlurmConf(text: string): SlurmConf {
  const lines = text
    .replaceAll(CONTINUED, ' ')
    .split('\n')
    .map((line) => line.replace(COMMENT, '$1'));
  const parsed = lines.map(parametersOf).filter((line) => line.size > 0);
  return {
    settings: new Map(parsed.filter((line) => !isListed(line)).flatMap((line) => [...line])),
    nodes: withDefaults(
      parsed.filter((line) => line.has('nodename')),
      'nodename',
    ),
    partitions: withDefaults(
      parsed.filter((line) => line.has('partitionname')),
      'partitionname',
    ),
    includes: lines.flatMap((line) => INCLUDE.exec(line)?.[1] ?? []),
  };
}

/** A comma list as its words in lower case. */
export function wordsOf(value: string | undefined): readonly string[] {
  return (value ?? '')
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
