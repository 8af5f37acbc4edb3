import { Config } from '../../../schema/config/config.ts';
import { type KeyNode, keyTree } from '../../../schema/config/tree.ts';
import type { Settings } from '../../core/config/settings.ts';
import { masked } from './check.ts';
import { dotted } from './problem.ts';
import type { ReadConfig } from './read-config.ts';

/** One effective value and where it came from. */
export interface ShownValue {
  readonly key: string;
  /** In the notation of the file; secrets are ***. */
  readonly value: string;
  /** `FILE:LINE`, `environment NAME`, `default`. */
  readonly origin: string;
}

type Path = readonly (string | number)[];

const SECRET = '***';

function member(holder: unknown, step: string | number): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, step)
    ? Reflect.get(holder, step)
    : undefined;
}

function valueAt(holder: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => member(at, step), holder);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? masked(value) : (JSON.stringify(value) ?? '');
}

interface Context {
  readonly read: ReadConfig;
  readonly settings: Settings;
}

function row(node: KeyNode, path: Path, { read, settings }: Context): readonly ShownValue[] {
  const written = valueAt(read.tree, path);
  const key = dotted(path);
  const derived = valueAt(settings, path); // defaults that follow from other keys
  const value = written ?? node.preset ?? derived;
  if (value === undefined) {
    return [];
  }
  const isSet = textOf(value) !== '' && textOf(value) !== '[]' && textOf(value) !== '{}';
  const isHidden = node.meta.secret === true && isSet;
  const origin = written === undefined ? 'default' : read.origin(key);
  return [{ key, value: isHidden ? SECRET : textOf(value), origin }];
}

function rows(node: KeyNode, path: Path, context: Context): readonly ShownValue[] {
  if (node.kind === 'section') {
    return node.meta.secret === true
      ? row(node, path, context)
      : [...node.keys].flatMap(([name, below]) => rows(below, [...path, name], context));
  }
  const items = valueAt(context.read.tree, path);
  const { of } = node;
  if (node.kind === 'list' && of?.kind === 'section' && Array.isArray(items)) {
    return items.flatMap((_, at) => rows(of, [...path, at], context));
  }
  return row(node, path, context);
}

/** Every key that has a value, in the order of the schema. */
export function shownValues(read: ReadConfig, settings: Settings): readonly ShownValue[] {
  return rows(keyTree(Config), [], { read, settings });
}
