import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import type { Clock, Log, LogFields, LogLevel } from '../../ports/system.ts';

export interface JsonLogOptions {
  /** Tried in this order; the first that can be opened takes the lines. */
  readonly files: readonly string[];
  readonly level: LogLevel | 'fatal';
  /** A larger file is moved to `<file>.1` when it is opened. */
  readonly maxBytes: number;
  /** Where no file takes a line: logger(1) to syslog; submit and modify start no program (SL-8). */
  readonly mayStartLogger: boolean;
}

const ORDER: Readonly<Record<LogLevel | 'fatal', number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  fatal: 4,
};
const FILE_MODE = 0o640;
const LOGGER = '/usr/bin/logger';
const LOGGER_TIMEOUT_MS = 1000;
const LINE_MAX = 16_384;
const SECRET_NAME = /secret|password|authorization|api_key|session_token|credential/iu;
const PASSWORD = /(:\/\/[^:/@\s]*:)[^@\s]*@/gu;
const CONTROLS = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function clean(name: string, value: string | number | boolean): string | number | boolean {
  if (SECRET_NAME.test(name)) {
    return '***';
  }
  return typeof value === 'string'
    ? value.slice(0, LINE_MAX).replaceAll(PASSWORD, '$1***@')
    : value;
}

/** JSON lines, appended by one write each, so that processes do not mix theirs. */
export class JsonLog implements Log {
  readonly #clock: Clock;
  readonly #options: JsonLogOptions;
  #fd: number | undefined;
  #isLost = false;

  constructor(clock: Clock, options: JsonLogOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  write(level: LogLevel, event: string, fields: LogFields): void {
    if (ORDER[level] < ORDER[this.#options.level]) {
      return;
    }
    const line = this.#line(level, event, fields);
    try {
      const fd = this.#open();
      if (fd !== undefined) {
        writeSync(fd, line);
        return;
      }
    } catch {
      // A full disk takes no line; syslog may.
    }
    this.#toSyslog(level, line);
  }

  close(): void {
    if (this.#fd !== undefined) {
      closeSync(this.#fd);
      this.#fd = undefined;
    }
  }

  #line(level: LogLevel, event: string, fields: LogFields): string {
    const time = new Date(Math.floor(this.#clock.nowUs() / 1000)).toISOString();
    const entries: Record<string, string | number | boolean> = {};
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) {
        entries[name] = clean(name, value);
      }
    }
    const line = JSON.stringify({ time, level, event, pid: process.pid, ...entries });
    return `${line.replaceAll(CONTROLS, escaped)}\n`;
  }

  #open(): number | undefined {
    if (this.#fd === undefined && !this.#isLost) {
      for (const file of this.#options.files) {
        this.#fd ??= openLog(file, this.#options.maxBytes);
      }
      this.#isLost = this.#fd === undefined;
    }
    return this.#fd;
  }

  #toSyslog(level: LogLevel, line: string): void {
    if (!this.#options.mayStartLogger) {
      return;
    }
    const priority = `daemon.${level === 'warn' || level === 'error' ? level.replace('error', 'err') : level}`;
    // Never a Fault: a hook does not fail because nobody can be told.
    process
      .getBuiltinModule('node:child_process')
      .spawnSync(LOGGER, ['-t', 'asbb', '-p', priority, '--', line.trimEnd()], {
        stdio: 'ignore',
        env: {},
        timeout: LOGGER_TIMEOUT_MS,
      });
  }
}

function openLog(file: string, maxBytes: number): number | undefined {
  try {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > maxBytes) {
      renameSync(file, `${file}.1`);
    }
    return openSync(file, 'a', FILE_MODE);
  } catch {
    return undefined; // no directory, no right, no space: the next file, or syslog
  }
}
