import { parseTimeLimit } from '../../slurm/time-limit.ts';
import { gpusOfGres, parseGpus, parseMemoryOption, parseNodeCount, parseWhole } from './sizes.ts';

/** What a script asks for by its #SBATCH lines (burst.md 4.1). */
export interface Directives {
  readonly nodes?: number | undefined;
  readonly ntasks?: number | undefined;
  readonly tasksPerNode?: number | undefined;
  readonly cpusPerTask?: number | undefined;
  readonly memoryPerNodeMib?: number | undefined;
  readonly memoryPerCpuMib?: number | undefined;
  /** Of the whole job. */
  readonly gpus?: number | undefined;
  readonly gpusPerNode?: number | undefined;
  readonly gres?: number | undefined;
  readonly constraint?: string | undefined;
  readonly partition?: string | undefined;
  readonly timeLimitSeconds?: number | 'UNLIMITED' | undefined;
  readonly jobName?: string | undefined;
  readonly array?: string | undefined;
}

export interface ReadDirectives {
  readonly asked: Directives;
  /** Values that are none: `line 4: --mem=much cannot be read`. */
  readonly problems: readonly string[];
  /** Of a heterogeneous job (`#SBATCH hetjob`); 1 of any other. */
  readonly components: number;
}

type Key = keyof Directives;

const PARSERS: Readonly<Record<Key, (text: string) => number | string | undefined>> = {
  nodes: parseNodeCount,
  ntasks: parseWhole,
  tasksPerNode: parseWhole,
  cpusPerTask: parseWhole,
  memoryPerNodeMib: parseMemoryOption,
  memoryPerCpuMib: parseMemoryOption,
  gpus: parseGpus,
  gpusPerNode: parseGpus,
  gres: gpusOfGres,
  constraint: (text) => text,
  partition: (text) => text,
  timeLimitSeconds: parseTimeLimit,
  jobName: (text) => text,
  array: (text) => text,
};

const LONG: Readonly<Record<string, Key>> = {
  nodes: 'nodes',
  ntasks: 'ntasks',
  'ntasks-per-node': 'tasksPerNode',
  'cpus-per-task': 'cpusPerTask',
  mem: 'memoryPerNodeMib',
  'mem-per-cpu': 'memoryPerCpuMib',
  gpus: 'gpus',
  'gpus-per-node': 'gpusPerNode',
  gres: 'gres',
  constraint: 'constraint',
  partition: 'partition',
  time: 'timeLimitSeconds',
  'job-name': 'jobName',
  array: 'array',
};

const SHORT: Readonly<Record<string, Key>> = {
  N: 'nodes',
  n: 'ntasks',
  c: 'cpusPerTask',
  G: 'gpus',
  C: 'constraint',
  p: 'partition',
  t: 'timeLimitSeconds',
  J: 'jobName',
  a: 'array',
};

const DIRECTIVE = /^#SBATCH(?=[ \t])/u;
const COMMENT_OR_BLANK = /^\s*(?:#|$)/u;

/** sbatch(1): what follows is of the next component; `packjob` is its name of before 20.02. */
const SEPARATOR = /^#SBATCH[ \t]+(?:hetjob|packjob)[ \t]*\r?$/u;

/**
 * The directives before the first command; a later one wins. Of a heterogeneous job those of one
 * component, counted from 0: each has its own (GANG-8).
 */
export function readDirectives(script: string, component = 0): ReadDirectives {
  const asked: Partial<Record<Key, number | string>> = {};
  const problems: string[] = [];
  const { lines, components } = directiveLines(script, component);
  for (const { text, line } of lines) {
    for (const { key, name, value } of options(text)) {
      const parsed = PARSERS[key](value);
      if (parsed === undefined) {
        problems.push(`line ${line}: ${name}=${value} cannot be read`);
      } else {
        asked[key] = parsed;
      }
    }
  }
  // Each key was filled by the parser of its own kind.
  return { asked: asked as Directives, problems, components };
}

/** What stands behind `#SBATCH` in the lines of one component. */
function directiveLines(
  script: string,
  component: number,
): {
  readonly lines: readonly { readonly text: string; readonly line: number }[];
  readonly components: number;
} {
  const all = script.split('\n');
  const end = all.findIndex((raw) => !COMMENT_OR_BLANK.test(raw));
  const head = end === -1 ? all : all.slice(0, end);
  const cuts = head.flatMap((raw, at) => (SEPARATOR.test(raw) ? [at] : []));
  const from = component === 0 ? 0 : (cuts[component - 1] ?? head.length) + 1;
  const to = cuts[component] ?? head.length;
  const lines = head.slice(from, Math.max(from, to)).flatMap((raw, at) => {
    const found = DIRECTIVE.exec(raw);
    return found === null ? [] : [{ text: raw.slice(found[0].length), line: from + at + 1 }];
  });
  return { lines, components: cuts.length + 1 };
}

interface Option {
  readonly key: Key;
  readonly name: string;
  readonly value: string;
}

const LONG_OPTION = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/su;
const SHORT_OPTION = /^-([A-Za-z])(.*)$/su;

function options(text: string): readonly Option[] {
  const words = wordsOf(text);
  const found: Option[] = [];
  let at = 0;
  while (at < words.length) {
    const { key, name, attached } = optionOf(words[at] ?? '');
    const value = attached ?? words[at + 1];
    if (key !== undefined && value !== undefined) {
      found.push({ key, name, value });
      at += attached === undefined ? 1 : 0;
    }
    at += 1;
  }
  return found;
}

interface OptionWord {
  /** Undefined: not one that analysis needs. */
  readonly key: Key | undefined;
  readonly name: string;
  /** Undefined: the next word is the value. */
  readonly attached: string | undefined;
}

function optionOf(word: string): OptionWord {
  const [, long, value] = LONG_OPTION.exec(word) ?? [];
  if (long !== undefined) {
    return { key: keyOf(LONG, long), name: `--${long}`, attached: value };
  }
  const [, short = '', rest] = SHORT_OPTION.exec(word) ?? [];
  return { key: keyOf(SHORT, short), name: `-${short}`, attached: rest === '' ? undefined : rest };
}

function keyOf(table: Readonly<Record<string, Key>>, name: string): Key | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

const PIECE = /'([^']*)'?|"((?:[^"\\]|\\.)*)"?|\\(.)|([^\s'"\\]+)|(\s+)|\\$/suy;
const ESCAPED = /\\(.)/gsu;

/** Words as a shell splits them, up to a word that begins with `#`. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  PIECE.lastIndex = 0;
  let piece = PIECE.exec(text);
  while (piece !== null && !(word === undefined && piece[4]?.startsWith('#') === true)) {
    if (piece[5] === undefined) {
      word = `${word ?? ''}${piece[1] ?? piece[2]?.replace(ESCAPED, '$1') ?? piece[3] ?? piece[4] ?? ''}`;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
    piece = PIECE.exec(text);
  }
  return word === undefined ? words : [...words, word];
}
