import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { dotted, type Problem } from './problem.ts';

export type Tree = Record<string, unknown>;

/** A YAML text as plain values, with the line of each key. */
export interface Source {
  readonly tree: Tree;
  /** Line of a dotted path. */
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
}

export const MAX_CONFIG_BYTES = 1_048_576;
const MAX_DEPTH = 32;

type Noted = Map<string, number>;

interface Notes {
  readonly counter: LineCounter;
  readonly lines: Noted;
}

function offsetOf(node: unknown): number {
  const range = isNode(node) ? node.range : undefined;
  return range?.[0] ?? 0;
}

/** Members of a map or a list, each with its step and the offset where it begins. */
function members(node: unknown): readonly (readonly [PropertyKey, number, unknown])[] {
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) =>
      isScalar(key) ? [[String(key.value), offsetOf(key), value] as const] : [],
    );
  }
  return isSeq(node) ? node.items.map((item, at) => [at, offsetOf(item), item] as const) : [];
}

function note(node: unknown, path: readonly PropertyKey[], notes: Notes): void {
  for (const [step, offset, value] of path.length > MAX_DEPTH ? [] : members(node)) {
    const at = [...path, step];
    notes.lines.set(dotted(at), notes.counter.linePos(offset).line);
    note(value, at, notes);
  }
}

/** `slurm:` with nothing below is as good as not written. */
function withoutNulls(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((member) => withoutNulls(member, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === null ? [] : [[name, withoutNulls(member, depth + 1)]],
    ),
  );
}

/** YAML 1.2 core schema: no tags, no merge keys, no code; aliases are few and bounded. */
export function readYaml(text: string, file: string): Source {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    schema: 'core',
    merge: false,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: true,
  });
  const problems = document.errors.map((error) => ({
    where: `${file}:${counter.linePos(error.pos[0]).line}`,
    key: '',
    message: `not valid YAML: ${error.message}`,
  }));
  const lines: Noted = new Map();
  if (problems.length > 0) {
    return { tree: {}, lines, problems };
  }
  note(document.contents, [], { counter, lines });
  let value: unknown;
  try {
    value = withoutNulls(document.toJS({ maxAliasCount: 100 }) ?? {});
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { tree: {}, lines, problems: [{ where: file, key: '', message }] };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = 'the file must be a map of sections such as slurm: and budget:';
    return { tree: {}, lines, problems: [{ where: `${file}:1`, key: '', message }] };
  }
  return { tree: value as Tree, lines, problems: [] }; // neither null nor a list: a map with text keys
}
