import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import { passwdEntry } from '../../native/passwd.ts';
import type { CostFile, CostInbox } from '../../ports/cost-inbox.ts';
import type { Hash, Log } from '../../ports/system.ts';
import { readCostReport } from './read-cost-report.ts';

const MS_PER_SECOND = 1000;
const MAX_BYTES = 1_048_576;
const OTHERS_MAY_WRITE = 0o002;
const GROUP_OR_OTHERS = 0o022;
const FILED_MODE = 0o750;
/** BST's own name, and the documented one (budget.md 3.10). */
const NAMES =
  /^(?:job-[0-9]{1,10}(?:_[0-9]{1,7})?-asbb-reconciliation|job_[0-9]{1,10}(?:_[0-9]{1,7})?_cost)\.json$/u;

export interface CostInboxOptions {
  /** `site.cost_dirs` and `asbb.reconciliation_dir`. */
  readonly directories: readonly string[];
  readonly slurmUser: string;
  readonly hash: Hash;
  readonly log: Pick<Log, 'write'>;
}

export class DirectoryCostInbox implements CostInbox {
  readonly #options: CostInboxOptions;
  #trusted: ReadonlySet<number> | undefined;

  constructor(options: CostInboxOptions) {
    this.#options = options;
  }

  find(job: string): readonly CostFile[] {
    const names = [`job-${job}-asbb-reconciliation.json`, `job_${job}_cost.json`];
    return this.#directories().flatMap((directory) =>
      names.flatMap((name) => this.#own(join(directory, name)) ?? []),
    );
  }

  list(): readonly CostFile[] {
    return this.#directories().flatMap((directory) =>
      readdirSync(directory)
        .filter((name) => NAMES.test(name))
        .toSorted()
        .flatMap((name) => this.#own(join(directory, name)) ?? []),
    );
  }

  read(path: string): CostFile {
    try {
      const text = readFileSync(path, 'utf8');
      return this.#file(path, text, statSync(path));
    } catch (error) {
      throw new Fault(`cannot read ${path}`, {
        cause: error,
        exitCode: EXIT.usage,
        advice: 'name a cost file that this user may read',
      });
    }
  }

  filed(path: string, as: 'processed' | 'failed'): void {
    const folder = join(dirname(path), as);
    try {
      mkdirSync(folder, { recursive: true, mode: FILED_MODE });
      renameSync(path, join(folder, basename(path)));
    } catch (error) {
      // Taken in once by its content: a file that stays does no harm.
      this.#ignored(
        path,
        `cannot be moved to ${as}/: ${error instanceof Error ? error.message : ''}`,
      );
    }
  }

  #directories(): readonly string[] {
    return [...new Set(this.#options.directories)].filter((directory) => {
      const stat = lstatSync(directory, { throwIfNoEntry: false });
      if (stat === undefined) {
        return false;
      }
      const why = stat.isDirectory() ? this.#distrust(stat, OTHERS_MAY_WRITE) : 'is no directory';
      if (why !== undefined) {
        this.#ignored(directory, why);
      }
      return why === undefined;
    });
  }

  /** A file that root, the SlurmUser or we wrote, and nobody else can have. */
  #own(path: string): CostFile | undefined {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      return;
    }
    try {
      const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const stat = fstatSync(fd);
        const isPlain = stat.isFile() && stat.nlink === 1 && stat.size <= MAX_BYTES;
        const why = isPlain
          ? this.#distrust(stat, GROUP_OR_OTHERS)
          : 'is no plain file below 1 MiB';
        if (why === undefined) {
          const text = readFileSync(fd, 'utf8');
          return this.#file(path, text, stat);
        }
        this.#ignored(path, why);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      this.#ignored(path, error instanceof Error ? error.message : 'unreadable');
    }
    return;
  }

  #file(path: string, text: string, { mtimeMs }: Pick<Stats, 'mtimeMs'>): CostFile {
    const changedS = Math.floor(mtimeMs / MS_PER_SECOND);
    return { path, changedS, sha256: this.#options.hash.sha256(text), ...readCostReport(text) };
  }

  #distrust(stat: Stats, mode: number): string | undefined {
    this.#trusted ??= new Set([
      0,
      process.geteuid?.() ?? 0,
      passwdEntry(this.#options.slurmUser)?.uid ?? 0,
    ]);
    if (!this.#trusted.has(stat.uid)) {
      return `belongs to uid ${stat.uid}`;
    }
    return (stat.mode & mode) === 0 ? undefined : 'can be written by others';
  }

  #ignored(path: string, why: string): void {
    this.#options.log.write('warn', 'cost_file_ignored', { path, msg: why });
  }
}
