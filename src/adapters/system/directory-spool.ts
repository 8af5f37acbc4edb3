import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Clock, Ids, Spool, SpoolEntry } from '../../ports/system.ts';
import { placeFile } from './place-file.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o640;
const KIND = /^[a-z][a-z-]{0,31}$/u;
/** `<microseconds>-<kind>-<random>.json`: sorted by name they are sorted by time. */
const NAME = /^([0-9]{16})-([a-z][a-z-]*)-[0-9a-f]{16}\.json$/u;
const MAX_BYTES = 262_144;
const OTHERS_MAY_WRITE = 0o022;

/** `<state_dir>/spool/`: events that could not reach the ledger, until `asbb maintain` takes them in. */
export class DirectorySpool implements Spool {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(stateDirectory: string, clock: Clock, ids: Ids) {
    this.#directory = join(stateDirectory, 'spool');
    this.#clock = clock;
    this.#ids = ids;
  }

  put(kind: string, record: Readonly<Record<string, unknown>>): void {
    const stamp = String(this.#clock.nowUs()).padStart(16, '0');
    try {
      mkdirSync(this.#directory, { recursive: true, mode: DIRECTORY_MODE });
      const name = `${stamp}-${KIND.test(kind) ? kind : 'event'}-${this.#ids.hex(8)}.json`;
      placeFile(join(this.#directory, name), `${JSON.stringify({ kind, record })}\n`, {
        mode: FILE_MODE,
      });
    } catch (error) {
      throw new Fault(`${this.#directory} takes no file`, {
        cause: error,
        exitCode: EXIT.tryAgain,
      });
    }
  }

  list(): readonly SpoolEntry[] {
    const now = this.#clock.nowUs();
    return this.#names().flatMap((name) => {
      const [, stamp, kind = ''] = NAME.exec(name) ?? [];
      const record = stamp === undefined ? undefined : this.#read(name);
      return record === undefined
        ? []
        : [{ name, kind, record, ageSeconds: Math.max(0, (now - Number(stamp)) / 1_000_000) }];
    });
  }

  remove(name: string): void {
    if (NAME.test(name)) {
      rmSync(join(this.#directory, name), { force: true });
    }
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#directory).toSorted();
    } catch {
      return []; // made with the first event
    }
  }

  /** Undefined: not ours, not whole, or not a record; such a file is left for a person (T9). */
  #read(name: string): Readonly<Record<string, unknown>> | undefined {
    try {
      const fd = openSync(
        join(this.#directory, name),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      try {
        return isOwn(fd) ? recordIn(readFileSync(fd, 'utf8')) : undefined;
      } finally {
        closeSync(fd);
      }
    } catch {
      return undefined;
    }
  }
}

function isOwn(fd: number): boolean {
  const stat = fstatSync(fd);
  const isOurs = stat.uid === 0 || stat.uid === process.geteuid?.();
  const isSafe = (stat.mode & OTHERS_MAY_WRITE) === 0 && stat.size <= MAX_BYTES;
  return stat.isFile() && isOurs && isSafe;
}

function recordIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const parsed: unknown = JSON.parse(text);
  const isEvent = typeof parsed === 'object' && parsed !== null && 'record' in parsed;
  return isEvent && typeof parsed.record === 'object' && parsed.record !== null
    ? { ...parsed.record }
    : undefined;
}
