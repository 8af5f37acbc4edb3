// The form parameters of a query call: `Filter.1.Value.2=x`, lists numbered from 1 without holes.
import { ApiError, invalidValue, missing } from './errors.ts';

const INDEX = /^\d+$/;
const NUMBER = /\.\d+(?=\.|$)/g;
const INTEGER = /^-?\d{1,15}$/;

/** Parameters that are no business of an action: envelope and a presigned GET's signature. */
const ENVELOPE = new Set(['Action', 'Version']);

export class Params {
  readonly flat: ReadonlyMap<string, string>;
  readonly #prefix: string;

  constructor(flat: ReadonlyMap<string, string>, prefix = '') {
    this.flat = flat;
    this.#prefix = prefix;
  }

  str(name: string): string | undefined {
    return this.flat.get(this.#prefix + name);
  }

  /** As `str`, but an empty text counts as not given. */
  text(name: string): string | undefined {
    const value = this.str(name);
    return value === '' ? undefined : value;
  }

  need(name: string): string {
    const value = this.text(name);
    if (value === undefined) {
      throw missing(this.#prefix + name);
    }
    return value;
  }

  int(name: string, min: number, max: number): number | undefined {
    const value = this.str(name);
    if (value === undefined) {
      return undefined;
    }
    const number = INTEGER.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) {
      throw invalidValue(this.#prefix + name, value);
    }
    return number;
  }

  bool(name: string): boolean {
    const value = this.str(name) ?? 'false';
    if (value !== 'true' && value !== 'false') {
      throw invalidValue(this.#prefix + name, value);
    }
    return value === 'true';
  }

  oneOf(name: string, allowed: readonly string[]): string | undefined {
    const value = this.str(name);
    if (value !== undefined && !allowed.includes(value)) {
      throw invalidValue(this.#prefix + name, value);
    }
    return value;
  }

  list(name: string): readonly string[] {
    const values: string[] = [];
    for (let i = 1; ; i += 1) {
      const value = this.str(`${name}.${i}`);
      if (value === undefined) {
        return values;
      }
      values.push(value);
    }
  }

  structs(name: string): readonly Params[] {
    const found: Params[] = [];
    for (let i = 1; this.has(`${name}.${i}`); i += 1) {
      found.push(new Params(this.flat, `${this.#prefix}${name}.${i}.`));
    }
    return found;
  }

  struct(name: string): Params {
    return new Params(this.flat, `${this.#prefix}${name}.`);
  }

  has(name: string): boolean {
    const full = this.#prefix + name;
    if (this.flat.has(full)) {
      return true;
    }
    const start = `${full}.`;
    for (const key of this.flat.keys()) {
      if (key.startsWith(start)) {
        return true;
      }
    }
    return false;
  }

  /** Everything below this prefix, with the prefix taken off. */
  below(): Map<string, string> {
    const found = new Map<string, string>();
    for (const [key, value] of this.flat) {
      if (key.startsWith(this.#prefix)) {
        found.set(key.slice(this.#prefix.length), value);
      }
    }
    return found;
  }
}

export function parseForm(text: string): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (!name.startsWith('X-Amz-')) {
      flat.set(name, value);
    }
  }
  return flat;
}

/** Every list runs 1, 2, 3, …: a hole is an error, as it would silently end the list. */
export function checkNumbering(flat: ReadonlyMap<string, string>): void {
  const lists = new Map<string, Set<number>>();
  for (const name of flat.keys()) {
    const parts = name.split('.');
    for (const [i, part] of parts.entries()) {
      if (INDEX.test(part)) {
        const list = parts.slice(0, i).join('.');
        const seen = lists.get(list) ?? new Set<number>();
        lists.set(list, seen.add(Number(part)));
      }
    }
  }
  for (const [list, seen] of lists) {
    if (Math.max(...seen) !== seen.size || seen.has(0)) {
      throw new ApiError(
        'InvalidParameterValue',
        `The list ${list} is not numbered from 1 without holes.`,
      );
    }
  }
}

/**
 * Refuses parameters that the action does not implement. `accepts` is a list of names with `n` for
 * list positions; a name that ends in `.*` admits everything below it.
 */
export function checkNames(
  flat: ReadonlyMap<string, string>,
  accepts: readonly string[],
  ignored: readonly string[],
): void {
  for (const name of flat.keys()) {
    const form = name.replace(NUMBER, '.n');
    const known =
      ENVELOPE.has(name) ||
      form === 'DryRun' ||
      matches(form, accepts) ||
      matches(form, ignored) ||
      ignored.includes(name);
    if (!known) {
      throw new ApiError('UnknownParameter', `The parameter ${name} is not recognized`);
    }
  }
}

function matches(form: string, names: readonly string[]): boolean {
  return names.some((n) => n === form || (n.endsWith('.*') && form.startsWith(n.slice(0, -1))));
}
