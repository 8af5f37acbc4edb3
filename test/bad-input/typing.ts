import { didYouMean } from '../../src/core/config/did-you-mean.ts';
import type { Names } from './books.ts';
import { around, classOf, filled, valueFlags } from './cases.ts';
import { callOf } from './table.ts';

/** Something that a hand gets wrong, and what the answer has to say about it. */
export interface Slip {
  readonly what: string;
  readonly args: readonly string[];
  readonly says: string;
}

/** Two letters that changed places, in the middle. */
function misspelt(name: string): string {
  const at = Math.floor(name.length / 2);
  return `${name.slice(0, at - 1)}${name[at] ?? ''}${name[at - 1] ?? ''}${name.slice(at + 1)}`;
}

/** Flags left out that must be given, given twice that may be once, and spelt wrong. */
export async function typingSlips(id: string, names: Names): Promise<readonly Slip[]> {
  const command = await classOf(id);
  const call = filled(callOf(id)?.words ?? [], names);
  const flags = valueFlags(command);
  const known = [...Object.keys({ ...command.baseFlags, ...command.flags }), 'json', 'help'];
  const missing = flags
    .filter(([, { required }]) => required === true)
    .map(([name]) => ({
      what: `without --${name}`,
      args: around(id, name, names),
      says: `Missing required flag ${name}`,
    }));
  const twice = flags
    .filter(([, { multiple }]) => multiple !== true)
    .flatMap(([name, { options, min }]) => {
      const value = options?.[0] ?? String(min ?? 1);
      const args = [...around(id, name, names), `--${name}=${value}`, `--${name}=${value}`];
      return [{ what: `--${name} twice`, args, says: `--${name} can only be specified once` }];
    });
  const wrong = known
    .map((name) => ({ name, typed: misspelt(name) }))
    .filter(({ name, typed }) => typed !== name && !known.includes(typed) && name.length > 3)
    .map(({ name, typed }) => ({
      what: `--${typed}`,
      args: [...call, `--${typed}`],
      says: `did you mean --${didYouMean(typed, known) ?? name}?`,
    }));
  return [...missing, ...twice, ...wrong];
}
