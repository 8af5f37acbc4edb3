import { readFileSync } from 'node:fs';

/** A line of the local user file, passwd(5). */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const LINE = /^([^:]+):[^:]*:(\d+):(\d+):/u;

/** The users of this machine; those of a directory service are not among them. */
export function passwdEntries(): readonly PasswdEntry[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, uid, gid] = LINE.exec(line) ?? [];
      return name === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid) }];
    });
}
