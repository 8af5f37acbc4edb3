// What happened, in causal order: an effect stands between its request and its response.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export type JournalKind = 'request' | 'response' | 'effect' | 'fault' | 'boot' | 'bill';

export interface JournalEntry {
  readonly n: number;
  /** Microseconds since 1970, virtual clock. */
  readonly t_virtual: number;
  /** Microseconds since 1970, this machine's clock: the one field that differs between equal runs. */
  readonly t_real: number;
  readonly kind: JournalKind;
  readonly [field: string]: unknown;
}

export class Journal {
  readonly #now: () => number;
  readonly #fd: number | undefined;
  #entries: JournalEntry[] = [];
  #next = 1;

  constructor(now: () => number, path: string | undefined) {
    this.#now = now;
    this.#fd = path === undefined ? undefined : openSync(path, 'a', 0o600);
  }

  write(kind: JournalKind, fields: Readonly<Record<string, unknown>>): number {
    const n = this.#next;
    this.#next += 1;
    const entry: JournalEntry = {
      n,
      t_virtual: this.#now(),
      t_real: Date.now() * 1000,
      kind,
      ...fields,
    };
    this.#entries.push(entry);
    if (this.#fd !== undefined) {
      writeSync(this.#fd, `${JSON.stringify(entry)}\n`);
    }
    return n;
  }

  since(n: number): readonly JournalEntry[] {
    const first = this.#entries[0]?.n ?? this.#next;
    return this.#entries.slice(Math.max(0, n + 1 - first));
  }

  all(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** After a restart: the numbers go on where the state was written. */
  restore(entries: readonly JournalEntry[]): void {
    this.#entries = [...entries];
    this.#next = (entries.at(-1)?.n ?? 0) + 1;
  }

  clear(): void {
    this.#entries = [];
    this.#next = 1;
    if (this.#fd !== undefined) {
      ftruncateSync(this.#fd, 0);
    }
  }

  close(): void {
    if (this.#fd !== undefined) {
      closeSync(this.#fd);
    }
  }
}
