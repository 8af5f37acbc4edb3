/**
 * Pairs of reconcile's table that must hold for some time before anything is done: key → epoch second
 * at which the pair was first met. Kept in the ledger between runs.
 */
export type Suspects = Readonly<Record<string, number>>;

export function suspectsNote(cluster: string): string {
  return `suspects:${cluster}`;
}

export function parseSuspects(note: string | undefined): Suspects {
  // Written by suspectsText alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as Suspects);
}

export function suspectsText(suspects: Suspects): string {
  return JSON.stringify(suspects);
}

/** Its time begins anew when it is met again. */
export function without(before: Suspects, key: string): Suspects {
  return Object.fromEntries(Object.entries(before).filter(([each]) => each !== key));
}

/** Those met again keep their time, new ones begin now, the others are forgotten. */
export function metAgain(before: Suspects, keys: readonly string[], nowS: number): Suspects {
  return Object.fromEntries(
    keys.map((key) => [key, Object.hasOwn(before, key) ? (before[key] ?? nowS) : nowS]),
  );
}

/** A clock that went backwards gives 0. */
export function heldForS(before: Suspects, key: string, nowS: number): number | undefined {
  const since = Object.hasOwn(before, key) ? before[key] : undefined;
  return since === undefined ? undefined : Math.max(0, nowS - since);
}
