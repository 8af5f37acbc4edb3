import { unreadable } from './failure.ts';

export interface Page<T> {
  /** Undefined: the answer was not one to this action. */
  readonly items: readonly T[] | undefined;
  readonly nextToken: string | undefined;
}

/** More pages than any cluster has: a listing that never ends is none. */
const PAGES_MAX = 1000;

/**
 * All pages or a Fault. A page may be short or empty while a token follows; the last one has no token
 * or an empty one. A token that comes twice would go round for ever.
 */
export async function allPages<T>(
  action: string,
  ask: (token: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  for (;;) {
    const page = await ask(token);
    if (page.items === undefined) {
      throw unreadable(action);
    }
    items.push(...page.items);
    const next = page.nextToken ?? '';
    if (next === '') {
      return items;
    }
    if (seen.has(next) || seen.size >= PAGES_MAX) {
      throw unreadable(action);
    }
    seen.add(next);
    token = next;
  }
}

export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
