import { dotted, type Problem } from './problem.ts';
import type { Tree } from './yaml-source.ts';

/** Other spellings of the original files (burst.md 2): read as the name on the right. */
const ALIASES: readonly (readonly [from: readonly string[], to: readonly string[]])[] = [
  [['asba'], ['absa']],
  [
    ['aws', 'profile'],
    ['aws', 'credentials_profile'],
  ],
  [
    ['slurm', 'bin_dir'],
    ['slurm', 'bin_path'],
  ],
];

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Moves what stands under `from` to `to`; both with different values disagree. */
function merge(from: unknown, to: unknown, disagree: (sub: readonly string[]) => void): unknown {
  if (to === undefined) {
    return from;
  }
  if (!(isTree(from) && isTree(to))) {
    if (JSON.stringify(from) !== JSON.stringify(to)) {
      disagree([]);
    }
    return to;
  }
  const merged: Tree = { ...to };
  for (const [name, value] of Object.entries(from)) {
    merged[name] = merge(value, Object.hasOwn(to, name) ? to[name] : undefined, (sub) =>
      disagree([name, ...sub]),
    );
  }
  return merged;
}

function take(tree: Tree, path: readonly string[]): { rest: Tree; value: unknown } {
  const [name = '', ...deeper] = path;
  const { [name]: member, ...others } = tree;
  if (deeper.length === 0) {
    return { rest: others, value: member };
  }
  if (!isTree(member)) {
    return { rest: tree, value: undefined };
  }
  const below = take(member, deeper);
  return { rest: { ...tree, [name]: below.rest }, value: below.value };
}

function put(tree: Tree, path: readonly string[], change: (old: unknown) => unknown): Tree {
  const [name = '', ...deeper] = path;
  const old = Object.hasOwn(tree, name) ? tree[name] : undefined;
  return {
    ...tree,
    [name]: deeper.length === 0 ? change(old) : put(isTree(old) ? old : {}, deeper, change),
  };
}

export interface Renamed {
  readonly tree: Tree;
  /** Dotted path of the file for a path that was moved: `absa.` → `asba.`. */
  readonly original: (path: string) => string;
  readonly problems: readonly Problem[];
}

export function withoutAliases(given: Tree, where: (path: string) => string): Renamed {
  let tree = given;
  const problems: Problem[] = [];
  const moved: (readonly [to: string, from: string])[] = [];
  for (const [from, to] of ALIASES) {
    const taken = take(tree, from);
    if (taken.value !== undefined) {
      moved.push([dotted(to), dotted(from)]);
      tree = put(taken.rest, to, (old) =>
        merge(taken.value, old, (sub) => {
          const [left, right] = [dotted([...to, ...sub]), dotted([...from, ...sub])];
          problems.push({ where: where(right), key: '', message: `${left} and ${right} disagree` });
        }),
      );
    }
  }
  function original(path: string): string {
    const hit = moved.find(([to]) => path === to || path.startsWith(`${to}.`));
    return hit === undefined ? path : `${hit[1]}${path.slice(hit[0].length)}`;
  }
  return { tree, original, problems };
}
