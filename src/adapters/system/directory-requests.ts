import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Clock, RequestFiles } from '../../ports/system.ts';

/** Seconds since 1970 and a counter, in hex (burst.md 7.8). */
const NAME = /^([0-9a-f]{8})[0-9a-f]{6}$/u;
const MAX_BYTES = 262_144;
const OTHERS_MAY_WRITE = 0o022;
const DEPTH_MAX = 6;
const MICROS_PER_SECOND = 1_000_000;

/** The directory that job_submit.lua writes to: 0700, of the SlurmUser. */
export class DirectoryRequests implements RequestFiles {
  readonly #directory: string;
  readonly #clock: Clock;

  constructor(stateDirectory: string, clock: Clock) {
    this.#directory = join(stateDirectory, 'submit');
    this.#clock = clock;
  }

  read(name: string): unknown {
    if (!NAME.test(name)) {
      throw new Fault('the name of a request file has 14 hex digits', { exitCode: EXIT.usage });
    }
    const text = readOwn(join(this.#directory, name));
    const request = parsed(text);
    checkDepth(request, 0);
    return PLAIN.test(text) ? request : decoded(request);
  }

  remove(name: string): void {
    if (NAME.test(name)) {
      removeFile(join(this.#directory, name));
    }
  }

  list(): readonly { readonly name: string; readonly ageSeconds: number }[] {
    const nowS = this.#clock.nowUs() / MICROS_PER_SECOND;
    return namesIn(this.#directory).flatMap((name) => {
      const [, seconds] = NAME.exec(name) ?? [];
      return seconds === undefined
        ? []
        : [{ name, ageSeconds: Math.max(0, nowS - Number.parseInt(seconds, 16)) }];
    });
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return []; // made with the state directory; without it nobody has asked yet
  }
}

/** As rmSync with `force`, which looks twice. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
}

function whyForeign(stat: Stats): string | undefined {
  if (!stat.isFile()) {
    return 'is not a regular file';
  }
  if (stat.uid !== 0 && stat.uid !== process.geteuid?.()) {
    return `belongs to uid ${stat.uid}`;
  }
  if ((stat.mode & OTHERS_MAY_WRITE) !== 0) {
    return 'is writable by others';
  }
  return stat.size > MAX_BYTES ? `is larger than ${MAX_BYTES} bytes` : undefined;
}

function openFile(path: string): number {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new Fault(`the request ${path} cannot be opened`, {
      cause,
      exitCode: isMissing ? EXIT.tryAgain : EXIT.usage,
    });
  }
}

function readOwn(path: string): string {
  const fd = openFile(path);
  try {
    const reason = whyForeign(fstatSync(fd));
    if (reason !== undefined) {
      throw new Fault(`the request ${path} ${reason}`, { exitCode: EXIT.usage });
    }
    return readFileSync(fd, 'latin1');
  } finally {
    closeSync(fd);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('the request is not JSON', { cause, exitCode: EXIT.usage });
  }
}

/** Neither an escape nor a byte beyond ASCII: nothing to decode, as nearly always. */
const PLAIN = /^[\n\x20-\x5b\x5d-\x7e]*$/u;
const ASCII = /^[\x20-\x7e]*$/u;

/** The shim writes each byte as one code point below 256: back to bytes, which are UTF-8. */
function decodedText(text: string): string {
  if (ASCII.test(text)) {
    return text;
  }
  for (const character of text) {
    if (character > '\u00ff') {
      throw new Fault('the request holds a character that is no byte', { exitCode: EXIT.usage });
    }
  }
  return Buffer.from(text, 'latin1').toString('utf8');
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value === 'object' && value !== null) {
    if (depth >= DEPTH_MAX) {
      throw new Fault('the request is nested too deeply', { exitCode: EXIT.usage });
    }
    for (const member of Object.values(value)) {
      checkDepth(member, depth + 1);
    }
  }
}

function decoded(value: unknown): unknown {
  if (typeof value === 'string') {
    return decodedText(value);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(decoded);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [decodedText(name), decoded(member)]),
  );
}
