import { unreadable } from './failure.ts';

export interface Page<T> {
  /** Undefined: the answer was not one to this action. */
  readonly items: readonly T[] | undefined;
  readonly nextToken: string | undefined;
}

/** More pages than any cluster has: a listing that never ends is none. */
const PAGES_MAX = 1000;
/** A page may be given again; one that comes for ever leads nowhere. */
const REPEATS_MAX = 3;

/**
 * All pages or a Fault. A page may be short or empty while a token follows; the last one has no token
 * or an empty one. A page that comes again is read again: whoever asks drops what it has seen.
 */
export async function allPages<T>(
  action: string,
  ask: (token: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  const seen = new Map<string, number>();
  let pages = 0;
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
    const times = (seen.get(next) ?? 0) + 1;
    pages += 1;
    if (times > REPEATS_MAX || pages >= PAGES_MAX) {
      throw unreadable(action);
    }
    seen.set(next, times);
    token = next;
  }
}

export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
