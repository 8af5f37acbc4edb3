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

/** By name or by number; users of a directory service are known by what we run as. */
export function passwdEntry(user: string): PasswdEntry | undefined {
  return passwdEntries().find(({ name, uid }) => name === user || String(uid) === user);
}
