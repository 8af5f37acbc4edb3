import { userInfo } from 'node:os';
import { passwdEntries } from './passwd.ts';

/**
 * Who a user is. Users of a directory service by what the runtime knows: Bun's userInfo() believes
 * $USER alone and says `unknown` without it, then the number has to do.
 */
export function userName(uid: number): string {
  const entry = passwdEntries().find((each) => each.uid === uid);
  if (entry !== undefined) {
    return entry.name;
  }
  const { username } = userInfo();
  return username === 'unknown' ? String(uid) : username;
}
