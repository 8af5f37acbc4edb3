import { closeSync, openSync, readSync } from 'node:fs';
import type { Ids } from '../../ports/system.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const TOKEN_LENGTH = 26;
/** The greatest multiple of 36 that fits a byte: above it a byte would favour the first letters. */
const FAIR = 252;

/** The kernel's own source. Loading node:crypto or webcrypto for it costs a hook 4 to 7 ms. */
function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const fd = openSync('/dev/urandom', 'r');
  try {
    let filled = 0;
    while (filled < count) {
      filled += readSync(fd, bytes, filled, count - filled, null);
    }
  } finally {
    closeSync(fd);
  }
  return bytes;
}

export class RandomIds implements Ids {
  token(): string {
    let token = '';
    while (token.length < TOKEN_LENGTH) {
      for (const byte of randomBytes(2 * TOKEN_LENGTH)) {
        token += byte < FAIR ? (ALPHABET[byte % ALPHABET.length] ?? '') : '';
      }
    }
    return token.slice(0, TOKEN_LENGTH);
  }

  hex(bytes: number): string {
    return Buffer.from(randomBytes(bytes)).toString('hex');
  }
}
