import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/**
 * Who a user is, by the local user file; users of a directory service by what the runtime knows. Bun's
 * userInfo() believes $USER alone and says `unknown` without it: then the number has to do.
 */
export function userName(uid: number): string {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , number] = line.split(':');
    if (name !== undefined && number === String(uid)) {
      return name;
    }
  }
  const { username } = userInfo();
  return username === 'unknown' ? String(uid) : username;
}
