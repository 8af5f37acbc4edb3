/** The part of Bun that we use where we run in it. */
interface BunHasher {
  update(data: string | Uint8Array): BunHasher;
  digest(): Uint8Array;
}
interface WithBun {
  readonly Bun?: { readonly CryptoHasher: new (algorithm: 'sha256') => BunHasher };
}

const HASH_BYTES = 32;
export const NO_HASH: Uint8Array = new Uint8Array(HASH_BYTES);

/**
 * SHA-256 of the parts one after another, text as UTF-8. Loading node:crypto costs 7 ms in Bun, its
 * own hasher 0.1 ms: half a hook.
 */
export function sha256(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  // Bun is a global of its runtime only.
  const { Bun } = globalThis as WithBun;
  if (Bun === undefined) {
    const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
    return process.getBuiltinModule('node:crypto').hash('sha256', Buffer.concat(bytes), 'buffer');
  }
  const hash = new Bun.CryptoHasher('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return new Uint8Array(hash.digest());
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
