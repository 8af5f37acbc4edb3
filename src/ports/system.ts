export interface Clock {
  /** Microseconds since 1970: our clock, or `test_clock`. */
  nowUs(): number;
  /** Monotonic, for deadlines and pauses; never the test clock. */
  monotonicMs(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface Ids {
  /** A new hold token: 26 characters [0-9a-z]. */
  token(): string;
  /** Random hex digits, for keys of commands that were given none. */
  hex(bytes: number): string;
}

export interface Hash {
  /** SHA-256 of the UTF-8 text, as lower-case hex. */
  sha256(text: string): string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Values of a log line: money as decimal text of micro-dollars. Never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** JSON lines to the configured file, else syslog. Never fails, never touches a hook's stdout or stderr. */
export interface Log {
  /** `event` is static: `hold_placed`; values are fields. */
  write(level: LogLevel, event: string, fields: LogFields): void;
}

/** One file per event under `<state_dir>/spool/` (reliability.md 2.5). */
export interface Spool {
  /** Temporary name, fsync, rename. Throws a Fault when even that fails. */
  put(kind: string, record: Readonly<Record<string, unknown>>): void;
  list(): readonly SpoolEntry[];
  remove(name: string): void;
}

export interface SpoolEntry {
  readonly name: string;
  readonly kind: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly ageSeconds: number;
}

/** Requests of job_submit.lua, one file each in `<state_dir>/submit/` (burst.md 7.8). */
export interface RequestFiles {
  /**
   * Its JSON with all texts decoded. Fault 2 when it is no request of ours: another owner, a link, too
   * large, not JSON; Fault 75 when it is not there.
   */
  read(name: string): unknown;
  remove(name: string): void;
  list(): readonly { readonly name: string; readonly ageSeconds: number }[];
}

/** Files of others, only looked at: slurm.conf, job_submit.lua, wrappers. */
export interface Files {
  /** UTF-8 text; undefined when it cannot be read. */
  read(path: string): string | undefined;
  isExecutable(path: string): boolean;
}

/** Writes `<cost.data_dir>/job_<id>_cost.json` by temporary file + fsync + rename (burst.md 8.1). */
export interface CostFiles {
  write(name: string, document: unknown): void;
  read(name: string): unknown;
}

/** Keeps a second run of the same pass out; undefined: another holds it. The lock dies with its holder. */
export interface Locks {
  take(name: string): { release(): void } | undefined;
}

export interface RunOptions {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** The whole environment of the child: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Too much output is not a Fault: the program is killed and the result says `truncated`. */
  readonly allowTruncated?: boolean;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** With `allowTruncated`: it printed more than maxOutputBytes and was killed. */
  readonly truncated?: boolean;
}

/**
 * Starts one program: absolute path, argument vector, no shell, own process group, killed as a whole
 * at the time limit (reliability.md 4.2). A Fault (75) when it cannot start, is killed, or prints too much.
 */
export interface Run {
  run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult>;
}
