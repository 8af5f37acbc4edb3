/**
 * Node groups whose request EC2 called wrong (class request, burst.md 5.6): not asked for again until
 * their configuration or the version of their launch template changes.
 */
export type BrokenGroups = Readonly<
  Record<string, { readonly code: string; readonly config: string; readonly atS: number }>
>;

export function brokenNote(cluster: string): string {
  return `broken-groups:${cluster}`;
}

export function parseBroken(note: string | undefined): BrokenGroups {
  // Written by brokenText alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as BrokenGroups);
}

export function brokenText(groups: BrokenGroups): string {
  return JSON.stringify(groups);
}

/** The code that broke it, while nothing has changed since. */
export function brokenBy(groups: BrokenGroups, name: string, config: string): string | undefined {
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
  return group?.config === config ? group.code : undefined;
}
