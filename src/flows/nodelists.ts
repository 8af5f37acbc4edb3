import { type Refused, refused } from '../core/errors.ts';
import { compressNodelist, expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';

export interface ExpandRequest {
  readonly list: string;
  readonly sort: boolean;
  readonly unique: boolean;
  readonly strict: boolean;
}

/** The names of a node list, one each; a list SLURM could not mean is refused whole (VALIDATION_ERROR). */
export function expandList(request: ExpandRequest): readonly string[] | Refused {
  const { list, sort, unique, strict } = request;
  const names = expandNodelist(list, { strict, unique });
  if (isNodelistError(names)) {
    return badList(list, names.text);
  }
  return sort ? sorted(names) : names;
}

/** The shortest list of these names; each may itself be a list. */
export function compressLists(lists: readonly string[]): string | Refused {
  const names: string[] = [];
  for (const list of lists) {
    const expanded = expandNodelist(list);
    if (isNodelistError(expanded)) {
      return badList(list, expanded.text);
    }
    names.push(...expanded);
  }
  return compressNodelist(names);
}

function badList(list: string, text: string): Refused {
  return refused('VALIDATION_ERROR', text, {
    advice: 'write node lists as SLURM does: aws-hpc-[001-016,020]',
    fields: { field: 'list', list: list.slice(0, 200) },
  });
}

/** By the order of `compress`: groups by their text, numbers by value. */
function sorted(names: readonly string[]): readonly string[] {
  const order = expandNodelist(compressNodelist(names));
  const places = new Map(isNodelistError(order) ? [] : order.map((name, place) => [name, place]));
  return names.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}
