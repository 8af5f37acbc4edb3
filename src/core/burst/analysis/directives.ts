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

/** The directives before the first command; a later one wins. */
export function readDirectives(script: string): ReadDirectives {
  const asked: Partial<Record<Key, number | string>> = {};
  const problems: string[] = [];
  for (const [at, raw] of script.split('\n').entries()) {
    if (!COMMENT_OR_BLANK.test(raw)) {
      break;
    }
    const found = DIRECTIVE.exec(raw);
    for (const { key, name, value } of found === null ? [] : options(raw.slice(found[0].length))) {
      const parsed = PARSERS[key](value);
      if (parsed === undefined) {
        problems.push(`line ${at + 1}: ${name}=${value} cannot be read`);
      } else {
        asked[key] = parsed;
      }
    }
  }
  // Each key was filled by the parser of its own kind.
  return { asked: asked as Directives, problems };
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
