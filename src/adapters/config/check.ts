import { Config } from '../../../schema/config/config.ts';
import { type KeyNode, keyTree } from '../../../schema/config/tree.ts';
import { didYouMean } from '../../core/config/did-you-mean.ts';
import { dotted, type Problem, shorten } from './problem.ts';
import type { Tree } from './yaml-source.ts';

type Path = readonly PropertyKey[];
/** Where a dotted path was written: `FILE:LINE`, `environment NAME`, or the file. */
export type Where = (path: string) => string;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Key names and where they are at home, for a key written into the wrong section. */
function homes(node: KeyNode, path: Path): readonly (readonly [string, string])[] {
  return [...node.keys].flatMap(([name, member]) => [
    [name, dotted([...path, name])] as const,
    ...homes(member, [...path, name]),
    ...(member.of === undefined ? [] : homes(member.of, [...path, name, 0])),
  ]);
}

const ROOT = keyTree(Config);

const LINE = /:([0-9]+)$/u;

function unknownKey(name: string, node: KeyNode, path: Path, where: Where): Problem {
  const full = dotted([...path, name]);
  const elsewhere = homes(ROOT, []).find(([known]) => known === name)?.[1];
  const meant = didYouMean(name, [...node.keys.keys()]) ?? elsewhere;
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  const at = where(full);
  const line = LINE.exec(at)?.[1];
  const prefix = line === undefined ? 'config' : `config: line ${line}`;
  return {
    where: at,
    key: '',
    message: `${prefix}: unknown key "${shorten(full)}"${hint}`,
  };
}

function unknownKeys(
  tree: unknown,
  where: Where,
  node = ROOT,
  path: Path = [],
): readonly Problem[] {
  if (node.kind === 'list' && Array.isArray(tree)) {
    const of = node.of;
    return of === undefined
      ? []
      : tree.flatMap((member, at) => unknownKeys(member, where, of, [...path, at]));
  }
  if (!isTree(tree)) {
    return [];
  }
  return Object.entries(tree).flatMap(([name, member]) => {
    const known = node.kind === 'map' ? node.of : node.keys.get(name);
    if (known !== undefined) {
      return unknownKeys(member, where, known, [...path, name]);
    }
    return node.kind === 'section' ? [unknownKey(name, node, path, where)] : [];
  });
}

/** Keys that were written and mean nothing here. */
export function notesOn(tree: unknown, node = ROOT, path: Path = []): readonly string[] {
  const { noEffect } = node.meta;
  if (noEffect !== undefined && path.length > 0) {
    return [`${dotted(path)} has no effect (${noEffect})`];
  }
  if (!isTree(tree)) {
    return [];
  }
  return Object.entries(tree).flatMap(([name, member]) => {
    const known = node.keys.get(name);
    return known === undefined ? [] : notesOn(member, known, [...path, name]);
  });
}

function isSecret(path: Path): boolean {
  let node: KeyNode | undefined = ROOT;
  for (const step of path) {
    node = node?.keys.get(String(step)) ?? node?.of;
    if (node?.meta.secret === true) {
      return true;
    }
  }
  return false;
}

const PASSWORD = /(:\/\/[^:/@\s]*:)[^@\s]*@/gu;

/** A password in a DSN prints as ***. */
export function masked(text: string): string {
  return text.replaceAll(PASSWORD, '$1***@');
}

function valueAt(tree: unknown, path: Path): unknown {
  let value: unknown = tree;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = Reflect.get(value, step);
  }
  return value;
}

const PARTITIONS = /^slurm\.partitions/u;

function shortPath(path: Path): string {
  return dotted(path).replace(PARTITIONS, 'partitions');
}

/** `@name` and `@` of a message by the place of the key; partitions are named as the original did. */
function worded(message: string, path: Path): string {
  if (!message.startsWith('@')) {
    return message;
  }
  if (message.startsWith('@ ')) {
    return `${shortPath(path)}${message.slice(1)}`;
  }
  const container = shortPath(path.slice(0, -1));
  return `${container}${container === '' ? '' : '.'}${message.slice(1)}`;
}

interface Issue {
  readonly path: Path;
  readonly message: string;
}

function problemOf(issue: Issue, tree: Tree, where: Where): Problem {
  const value = valueAt(tree, issue.path);
  const message = worded(issue.message, issue.path);
  const shown = isTree(value) || Array.isArray(value) ? '' : masked(shorten(value ?? ''));
  const isSilent = shown === '' || isSecret(issue.path) || message.endsWith(`: ${shown}`);
  return {
    where: where(dotted(issue.path)),
    key: shortPath(issue.path),
    message,
    got: isSilent ? undefined : shown,
  };
}

export interface Checked {
  readonly config: Config | undefined;
  readonly problems: readonly Problem[];
}

/** The budget side can stand alone; with either of these keys the burst side is in use. */
function burstIssues(tree: Tree): readonly Issue[] {
  const slurm = isTree(tree['slurm']) ? tree['slurm'] : {};
  const partitions = slurm['partitions'];
  if (tree['aws'] === undefined && partitions === undefined) {
    return [];
  }
  const region = isTree(tree['aws']) ? tree['aws']['region'] : undefined;
  const missing: Issue[] = [];
  if (region === undefined) {
    missing.push({ path: ['aws', 'region'], message: 'aws.region is required' });
  }
  if (partitions === undefined || (Array.isArray(partitions) && partitions.length === 0)) {
    missing.push({
      path: ['slurm', 'partitions'],
      message: 'at least one partition must be configured',
    });
  }
  return missing;
}

export function check(tree: Tree, where: Where): Checked {
  const result = Config.safeParse(tree);
  const issues = [...(result.success ? [] : result.error.issues), ...burstIssues(tree)];
  const problems = [
    ...unknownKeys(tree, where),
    ...issues.map((issue) => problemOf(issue, tree, where)),
  ];
  return { config: problems.length === 0 ? result.data : undefined, problems };
}
