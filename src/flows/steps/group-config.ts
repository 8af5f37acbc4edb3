import type { BurstPorts } from './burst-ports.ts';
import type { GangPart } from './gang-work.ts';

/** Changes whenever the group's configuration or its launch template's version does. */
export function groupConfig(
  part: Pick<GangPart, 'group'>,
  template: { readonly id: string; readonly version: string },
  { hash }: BurstPorts,
): string {
  return hash.sha256(JSON.stringify([part.group, template.id, template.version]));
}
