// Filter.n: values of one filter are or-ed, filters and-ed; `*` and `?` are wildcards.
import { ApiError } from './errors.ts';
import type { Params } from './params.ts';

export const FILTER_NAMES: readonly string[] = ['Filter.n.Name', 'Filter.n.Value.n'];

/** The values an item has under a filter name. */
export type Facts<T> = Readonly<Record<string, (item: T) => readonly string[]>>;

const SYNTAX = /[\\^$.*+?()[\]{}|]/g;

export function wildcard(pattern: string): (text: string) => boolean {
  if (!(pattern.includes('*') || pattern.includes('?'))) {
    return (text) => text === pattern;
  }
  const source = pattern
    .replace(SYNTAX, '\\$&')
    .replaceAll('\\*', '[\\s\\S]*')
    .replaceAll('\\?', '[\\s\\S]');
  const expression = new RegExp(`^${source}$`);
  return (text) => expression.test(text);
}

/** `tagsOf` adds the names `tag:<key>` and `tag-key`. */
export function readFilter<T>(
  params: Params,
  facts: Facts<T>,
  tagsOf?: (item: T) => ReadonlyMap<string, string>,
): (item: T) => boolean {
  const tests = params.structs('Filter').map((filter) => {
    const name = filter.need('Name');
    const values = factOf(name, facts, tagsOf);
    const patterns = filter.list('Value').map(wildcard);
    return (item: T) => values(item).some((value) => patterns.some((matches) => matches(value)));
  });
  return (item) => tests.every((test) => test(item));
}

function factOf<T>(
  name: string,
  facts: Facts<T>,
  tagsOf: ((item: T) => ReadonlyMap<string, string>) | undefined,
): (item: T) => readonly string[] {
  const fact = facts[name];
  if (fact !== undefined) {
    return fact;
  }
  if (tagsOf !== undefined && name === 'tag-key') {
    return (item) => [...tagsOf(item).keys()];
  }
  if (tagsOf !== undefined && name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (item) => {
      const value = tagsOf(item).get(key);
      return value === undefined ? [] : [value];
    };
  }
  throw new ApiError('InvalidParameterValue', `The filter '${name}' is invalid`);
}
