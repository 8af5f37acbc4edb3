import type { z } from 'zod';
import type { KeyMeta } from './leaf.ts';

/** The schema as data: for unknown keys, ASBB_… variables, `config init` and `config show`. */
export interface KeyNode {
  readonly kind: 'section' | 'list' | 'map' | 'value';
  /** Of a section. */
  readonly keys: ReadonlyMap<string, KeyNode>;
  /** Of a list or a map: what its members are. */
  readonly of?: KeyNode | undefined;
  /** In the notation of the file; undefined: no default. */
  readonly preset?: unknown;
  readonly meta: KeyMeta;
}

const NO_KEYS: ReadonlyMap<string, KeyNode> = new Map();

interface Bare {
  readonly schema: z.core.$ZodTypes;
  readonly preset: unknown;
  readonly meta: KeyMeta;
}

/** Takes `prefault` and `optional` off; the outermost words about a key win. */
function bare(given: z.core.$ZodType): Bare {
  // Every schema here comes from zod's classic builders, whose classes are this union.
  let schema = given as z.core.$ZodTypes & Partial<Pick<z.ZodType, 'meta'>>;
  let preset: unknown;
  let meta: KeyMeta = {};
  for (;;) {
    meta = { ...schema.meta?.(), ...meta };
    const { def } = schema._zod;
    if (def.type === 'prefault') {
      preset ??= def.defaultValue;
      schema = def.innerType as z.core.$ZodTypes;
    } else if (def.type === 'optional') {
      schema = def.innerType as z.core.$ZodTypes;
    } else {
      return { schema, preset, meta };
    }
  }
}

export function keyTree(given: z.core.$ZodType): KeyNode {
  const { schema, preset, meta } = bare(given);
  const { def } = schema._zod;
  switch (def.type) {
    case 'object': {
      const keys = new Map(
        Object.entries(def.shape).map(([name, member]) => [name, keyTree(member)]),
      );
      return { kind: 'section', keys, preset, meta };
    }
    case 'array':
      return { kind: 'list', keys: NO_KEYS, of: keyTree(def.element), preset, meta };
    case 'record':
      return { kind: 'map', keys: NO_KEYS, of: keyTree(def.valueType), preset, meta };
    default:
      return { kind: 'value', keys: NO_KEYS, preset, meta };
  }
}
