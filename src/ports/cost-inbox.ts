import type { CostTold } from '../core/estimate/cost-told.ts';

/** A file in which another program tells what a job cost (budget.md 3.10). */
export interface CostFile {
  readonly path: string;
  /** SHA-256 of its text, hex. */
  readonly sha256: string;
  /** When it was last written, in epoch seconds. */
  readonly changedS: number;
  /** The runs that it tells of, oldest first; empty when it cannot be understood. */
  readonly told: readonly CostTold[];
  /** Why it cannot be understood, else ''. */
  readonly problem: string;
}

/** Cost files of others. Whoever could have forged one is not believed: it is left out, and logged. */
export interface CostInbox {
  /** Of one job (`123`, `123_4`), in the order of `site.cost_dirs`. */
  find(job: string): readonly CostFile[];
  /** Everything that waits in `site.cost_dirs`. */
  list(): readonly CostFile[];
  /** The file that a person named. A Fault (2) when it cannot be read. */
  read(path: string): CostFile;
  /** Moves a file of `find` or `list` to `processed/` or `failed/` beside it. */
  filed(path: string, as: 'processed' | 'failed'): void;
}
