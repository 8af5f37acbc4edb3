import type { Refused } from '../core/errors.ts';
import { invalid } from '../core/ledger/account-words.ts';

// What is wrong with words before anybody asks what they mean (reliability.md 4.6).

/** Of a name, a reason, a note; commands that take lists or JSON say more (AsbbCommand.wordMax). */
export const WORD_MAX = 4096;
/** JSON of a person, lists of nodes: as much as Linux lets an argument have. */
export const LONG_WORD_MAX = 131_072;
/** No count, page or number of anything is larger. */
const COUNT_MAX = 1_000_000_000;
const KEY = /^[\x21-\x7e]{1,100}$/u;
const FLAG = /^(--[a-z-]+)=/u;
const FILE = '<file>';

function fieldOf(name: string): string {
  return name.startsWith('--') ? name.slice(2) : 'argument';
}

/** A word as the shell handed it over: too long, or with the character that ends C's strings. */
export function badWord(words: readonly string[], max: number): Refused | undefined {
  for (const [at, word] of words.entries()) {
    const before = words[at - 1] ?? '';
    const name = FLAG.exec(word)?.[1] ?? (before.startsWith('--') ? before.slice(0, 40) : 'a word');
    if (word.length > max) {
      return invalid(fieldOf(name), `${name} is longer than ${max} characters`);
    }
    if (word.includes('\u0000')) {
      return invalid(fieldOf(name), `${name} contains a NUL character`);
    }
  }
  return undefined;
}

/** Of oclif: what `--help` shows in place of a value. */
type FlagShape = object & { readonly helpValue?: unknown };

function wrongValue(name: string, value: unknown, { helpValue }: FlagShape): Refused | undefined {
  if (typeof value === 'number' && value > COUNT_MAX) {
    return invalid(name, `--${name} is more than ${COUNT_MAX}`);
  }
  if (name === 'key' && typeof value === 'string' && !KEY.test(value)) {
    return invalid('key', '--key has 1 to 100 visible ASCII characters', 'as in march-2026');
  }
  return helpValue === FILE && value === ''
    ? invalid(name, `--${name} names no file`, 'give the path of a file')
    : undefined;
}

/** Flags that were parsed: numbers that nothing has, keys, names of files. */
export function badFlags(
  flags: Readonly<Record<string, unknown>>,
  shapes: Readonly<Record<string, FlagShape>>,
): Refused | undefined {
  return Object.entries(flags)
    .map(([name, value]) => wrongValue(name, value, shapes[name] ?? {}))
    .find((wrong) => wrong !== undefined);
}

/** The argument `file` is a path wherever it is. */
export function badArgs(args: Readonly<Record<string, unknown>>): Refused | undefined {
  return args['file'] === ''
    ? invalid('file', 'the name of the file is empty', 'give the path of a file')
    : undefined;
}

/** Something that is an argument and a flag: said twice, and not the same. */
export function badTwice(name: string, argument: string, flag?: string): Refused | undefined {
  return flag === undefined || flag === argument
    ? undefined
    : invalid(name, `the argument and --${name} differ`, 'give one of them');
}
