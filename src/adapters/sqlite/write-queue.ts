import type { Identity } from './inspect.ts';

// Writers that found the ledger busy stand in a queue that the kernel keeps: a System V semaphore, which
// wakes them in order, has a time limit, and is given back when its holder dies (SEM_UNDO). Bun calls it
// without a native module; loading that costs 0.6 ms, only for those who have to wait.

/** The part of bun:ffi that we use. */
interface Ffi {
  dlopen(
    library: string,
    symbols: Readonly<
      Record<string, { readonly args: readonly string[]; readonly returns: string }>
    >,
  ): { readonly symbols: Readonly<Record<string, (...args: readonly unknown[]) => number>> };
  ptr(memory: Uint8Array): number;
}

export interface WriteQueue {
  /** False: not in time, or the queue is of no use; then the caller polls. */
  enter(milliseconds: number): boolean;
  leave(): void;
}

const IPC_CREAT = 0o1000;
const IPC_STAT = 2;
const OWNER_ONLY = 0o600;
const SEM_UNDO = 0x10_00;
const NANOS_PER_MS = 1_000_000;
const MS_PER_SECOND = 1000;
const SEMID_BYTES = 256;
/** struct ipc_perm of Linux: key, uid, gid, cuid, cgid, mode. */
const [UID_AT, CUID_AT, MODE_AT] = [4, 12, 20];
const OTHERS = 0o077;

/** struct sembuf: number, operation, flags. Free is 0, so a new semaphore needs no first value. */
const TAKE = new Uint8Array(new Int16Array([0, 0, 0, 0, 1, SEM_UNDO]).buffer);
const GIVE = new Uint8Array(new Int16Array([0, -1, SEM_UNDO]).buffer);

function loadFfi(): Ffi | undefined {
  if (process.versions['bun'] === undefined) {
    return;
  }
  // Bun's own modules are unknown to the types of Node.
  return process.getBuiltinModule('bun:ffi') as unknown as Ffi;
}

function keyOf({ dev, ino }: Identity): number {
  return ((ino * 31 + dev) % 0x7f_ff_ff_ff) + 1;
}

function timespec(milliseconds: number): Uint8Array {
  const seconds = Math.floor(milliseconds / MS_PER_SECOND);
  const nanos = Math.floor((milliseconds % MS_PER_SECOND) * NANOS_PER_MS);
  const words = new Uint32Array([seconds, 0, nanos, 0]); // two 64-bit words, little-endian
  return new Uint8Array(words.buffer);
}

/** Somebody else's semaphore of the same key is not used: he could keep us waiting. */
function isOurs(stat: Uint8Array): boolean {
  const view = new DataView(stat.buffer);
  const trusted = new Set([0, process.geteuid?.()]);
  return (
    trusted.has(view.getUint32(UID_AT, true)) &&
    trusted.has(view.getUint32(CUID_AT, true)) &&
    (view.getUint32(MODE_AT, true) & OTHERS) === 0
  );
}

function open(ffi: Ffi, identity: Identity): WriteQueue | undefined {
  const { symbols } = ffi.dlopen('libc.so.6', {
    semget: { args: ['int', 'int', 'int'], returns: 'int' },
    semctl: { args: ['int', 'int', 'int', 'ptr'], returns: 'int' },
    semtimedop: { args: ['int', 'ptr', 'u64', 'ptr'], returns: 'int' },
  });
  const { semget, semctl, semtimedop } = symbols;
  const id = semget?.(keyOf(identity), 1, IPC_CREAT | OWNER_ONLY) ?? -1;
  const stat = new Uint8Array(SEMID_BYTES);
  if (id < 0 || semctl?.(id, 0, IPC_STAT, ffi.ptr(stat)) !== 0 || !isOurs(stat)) {
    return;
  }
  return {
    enter: (milliseconds) =>
      semtimedop?.(id, ffi.ptr(TAKE), 2, ffi.ptr(timespec(milliseconds))) === 0,
    leave: () => {
      semtimedop?.(id, ffi.ptr(GIVE), 1, null);
    },
  };
}

/** The queue before this ledger; undefined where there is none (Node, no System V IPC). */
export function openQueue(identity: Identity): WriteQueue | undefined {
  try {
    const ffi = loadFfi();
    return ffi && open(ffi, identity);
  } catch {
    return; // waiting works without it
  }
}
