import type { AsbbCommandClass } from '../../src/cli/base.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Names } from './books.ts';
import { KINDS, type Kind, type KindName } from './kinds.ts';
import { beside, callOf, isAgainst, kindOfArgument, kindOfFlag } from './table.ts';

/** A flag as oclif keeps it. */
interface FlagShape {
  readonly type?: string;
  readonly options?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly required?: boolean;
  readonly multiple?: boolean;
}

export interface Given {
  /** `--amount`, or `<account>`. */
  readonly what: string;
  readonly value: string;
  readonly args: readonly string[];
  readonly kind: KindName;
}

export async function classOf(id: string): Promise<AsbbCommandClass> {
  const command = (await COMMANDS[id]?.())?.default;
  if (command === undefined) {
    throw new Error(`no command ${id}`);
  }
  return command as AsbbCommandClass;
}

/** What a command may be given beside the flags that all have. */
export function valueFlags(command: AsbbCommandClass): readonly (readonly [string, FlagShape])[] {
  return Object.entries<FlagShape>(command.flags ?? {}).filter(
    ([name, { type }]) => type !== 'boolean' && !Object.hasOwn(command.baseFlags ?? {}, name),
  );
}

/** The kind of a flag; undefined when nobody said. */
export function flagKind(id: string, name: string, shape: FlagShape): KindName | undefined {
  if (shape.options !== undefined) {
    return 'enum';
  }
  if (shape.min !== undefined) {
    return shape.min > 0 ? 'count' : 'count0';
  }
  return kindOfFlag(id, name);
}

export function filled(words: readonly string[], names: Names): readonly string[] {
  return words.map((word) =>
    word.replaceAll(/\{(\w+)\}/gu, (whole, name) => names[name as keyof Names] ?? whole),
  );
}

/** The call without this flag, with what it needs beside it. */
export function around(id: string, flag: string, names: Names): readonly string[] {
  const words = filled(callOf(id)?.words ?? [], names);
  const added = beside(id, flag).filter((word) => !word.startsWith(`--${flag}=`));
  const left = words.filter(
    (word) => !(word.startsWith(`--${flag}=`) || isAgainst(id, flag, word)),
  );
  return [...left, ...added];
}

function ofFlag(id: string, name: string, kind: KindName, names: Names) {
  return (value: string): Given => ({
    what: `--${name}`,
    value,
    kind,
    args: [...around(id, name, names), `--${name}=${value}`],
  });
}

function ofArgument(id: string, at: number, name: string, names: Names) {
  const words = filled(callOf(id)?.words ?? [], names);
  const flags = words.filter((word) => word.startsWith('--'));
  const own = words.filter((word) => !word.startsWith('--'));
  return (value: string): Given => ({
    what: `<${name}>`,
    value,
    kind: kindOfArgument(id, name) ?? 'words',
    // `--` ends the flags: a value that begins with a dash is a value.
    args: [...flags, '--', ...own.slice(0, at), value, ...own.slice(at + 1)],
  });
}

export interface Asked {
  readonly kind: Kind;
  readonly give: (value: string) => Given;
}

/** Every place of a command where something wrong can be put. */
export async function placesOf(id: string, names: Names): Promise<readonly Asked[]> {
  const command = await classOf(id);
  const flags = valueFlags(command).map(([name, shape]): Asked => {
    const kind = flagKind(id, name, shape) ?? 'words';
    return { kind: KINDS[kind], give: ofFlag(id, name, kind, names) };
  });
  const args = Object.keys(command.args ?? {}).map(
    (name, at): Asked => ({
      kind: KINDS[kindOfArgument(id, name) ?? 'words'],
      give: ofArgument(id, at, name, names),
    }),
  );
  return [...args, ...flags];
}
