import { readFileSync } from 'node:fs';

/** The group's number by /etc/group; undefined when it is not there (then the file keeps our group). */
export function groupId(name: string): number | undefined {
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [group, , gid] = line.split(':');
    if (group === name && gid !== undefined) {
      return Number(gid);
    }
  }
  return undefined;
}
