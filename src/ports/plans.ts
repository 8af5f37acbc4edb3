import type { ReadPlan } from '../core/burst/plan/plan.ts';

/** A plan and the file that it came from. */
export interface FoundPlan extends ReadPlan {
  readonly path: string;
}

/**
 * Execution plans, files that decide where money goes (burst.md 3.1): a regular file of at most 1 MiB, of
 * root, the SlurmUser or the job's user, writable by nobody else. What is wrong with one is a finding,
 * never a Fault.
 */
export interface Plans {
  /** A file that a person named. */
  read(path: string, jobUid: number | undefined): FoundPlan;
  /** The first of these names, without `.json`, that a plan directory has; undefined: none. */
  find(names: readonly string[], jobUid: number | undefined): FoundPlan | undefined;
  /** Does a plan directory have a plan that is named by the hash of its script? */
  hasPlansByScript(): boolean;
}
