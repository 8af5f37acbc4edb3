import { parse } from 'yaml';
import { type KeyNode, keyTree } from '../../../schema/config/tree.ts';
import { didYouMean } from '../../core/config/did-you-mean.ts';
import { dotted, type Problem } from './problem.ts';
import { ENDPOINT_VARIABLE, type Environment, PREFIX, relevant } from './relevant.ts';
import type { Tree } from './yaml-source.ts';

/** Variables that begin with ASBB_ and are no keys. */
const RESERVED = [
  'ASBB_CONFIG',
  'ASBB_ENV',
  'ASBB_ACCOUNT',
  'ASBB_DEFAULT_PARTITION',
  'ASBB_STATE_DIR',
  'ASBB_DIST',
];

const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^ASBA_/u, 'ABSA_'],
  [/^AWS_PROFILE$/u, 'AWS_CREDENTIALS_PROFILE'],
  [/^SLURM_BIN_DIR$/u, 'SLURM_BIN_PATH'],
];

type Path = readonly (string | number)[];

interface Target {
  readonly path: Path;
  readonly node: KeyNode;
}

const INDEX = /^([0-9]{1,3})(?:_(.+))?$/su;

function targetInList(node: KeyNode, rest: string, path: Path): Target | undefined {
  const [, digits, deeper] = INDEX.exec(rest) ?? [];
  if (digits === undefined || node.of === undefined) {
    return undefined;
  }
  const at = [...path, Number(digits)];
  return deeper === undefined ? { path: at, node: node.of } : target(node.of, deeper, at);
}

function target(node: KeyNode, rest: string, path: Path): Target | undefined {
  if (node.kind === 'list') {
    return targetInList(node, rest, path);
  }
  if (node.kind === 'map' && node.of?.kind === 'value') {
    return { path: [...path, rest.toLowerCase()], node: node.of };
  }
  for (const [name, member] of node.keys) {
    const upper = name.toUpperCase();
    if (rest === upper) {
      return { path: [...path, name], node: member };
    }
    if (rest.startsWith(`${upper}_`)) {
      const found = target(member, rest.slice(upper.length + 1), [...path, name]);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

/** Lists are comma separated, maps `a=1,b=2`; whatever begins with [ or { is read as YAML. */
const FLOW = /^\s*[[{]/u;

function given(node: KeyNode, text: string): unknown {
  if (node.kind === 'value') {
    return text;
  }
  if (FLOW.test(text)) {
    return parse(text, { schema: 'core', maxAliasCount: 0, prettyErrors: false });
  }
  const parts = text === '' ? [] : text.split(',').map((part) => part.trim());
  if (node.kind === 'list') {
    return parts;
  }
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part, ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
}

function isContainer(value: unknown): value is Tree | unknown[] {
  return typeof value === 'object' && value !== null;
}

function put(holder: unknown, path: Path, value: unknown): unknown {
  const [step, ...deeper] = path;
  if (step === undefined) {
    return value;
  }
  if (typeof step === 'number') {
    const list = Array.isArray(holder) ? [...holder] : [];
    const at = Math.min(step, list.length); // a gap would only be a puzzle: the next place it is
    list[at] = put(list[at], deeper, value);
    return list;
  }
  const map: Tree = isContainer(holder) && !Array.isArray(holder) ? { ...holder } : {};
  map[step] = put(Object.hasOwn(map, step) ? map[step] : undefined, deeper, value);
  return map;
}

export interface Overridden {
  readonly tree: Tree;
  /** Variable by the dotted path that it set. */
  readonly variables: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  /** About ASBB_ variables that name no key. */
  readonly notes: readonly string[];
}

function allNames(node: KeyNode, prefix: string): readonly string[] {
  return [...node.keys].flatMap(([name, member]) => {
    const own = `${prefix}${name.toUpperCase()}`;
    return [own, ...allNames(member, `${own}_`)];
  });
}

function noteOn(variable: string, root: KeyNode): string {
  const meant = didYouMean(variable, allNames(root, PREFIX));
  return `${variable} names no key${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
}

function bareName(variable: string): string {
  const bare = variable === ENDPOINT_VARIABLE ? 'AWS_ENDPOINT_URL' : variable.slice(PREFIX.length);
  return SPELLINGS.reduce((now, [from, to]) => now.replace(from, to), bare);
}

/** The value, or why its text cannot be read. */
function read(node: KeyNode, text: string): { value: unknown } | { reason: string } {
  try {
    return { value: given(node, text) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

export function override(
  written: Tree,
  schema: Parameters<typeof keyTree>[0],
  environment: Environment,
): Overridden {
  const root = keyTree(schema);
  const variables = new Map<string, string>();
  const problems: Problem[] = [];
  const notes: string[] = [];
  let tree: unknown = written;
  for (const [variable, text] of relevant(environment)) {
    const found = target(root, bareName(variable), []);
    const result = found === undefined ? undefined : read(found.node, text);
    if (found === undefined || result === undefined) {
      notes.push(...(RESERVED.includes(variable) ? [] : [noteOn(variable, root)]));
    } else if ('reason' in result) {
      const where = `environment ${variable}`;
      problems.push({ where, key: dotted(found.path), message: result.reason });
    } else {
      tree = put(tree, found.path, result.value);
      variables.set(dotted(found.path), variable);
    }
  }
  return { tree: tree as Tree, variables, problems, notes }; // every path begins with a key
}
