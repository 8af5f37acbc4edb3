import type { Settings } from '../../config/settings.ts';
import type { SlurmConf } from './file.ts';

export type Severity = 'error' | 'warning' | 'note';

/** Something in slurm.conf that is not as burst partitions need it. */
export interface Finding {
  /** Stable name of what was looked at. */
  readonly id: string;
  /** error: jobs or money go wrong; warning: something is lost; note: good to know. */
  readonly severity: Severity;
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

/** What the check needs to know beyond the file. */
export interface ConfFacts {
  /** Programs that exist and can be run. */
  readonly isExecutable: (path: string) => boolean;
  /** job_submit.lua beside slurm.conf; undefined: not there. */
  readonly luaText: string | undefined;
  /** What it should be. */
  readonly luaWanted: string;
  /** `22.05.8`; undefined: SLURM did not answer. */
  readonly version: string | undefined;
}

export interface Checked {
  readonly conf: SlurmConf;
  readonly settings: Settings;
  readonly facts: ConfFacts;
}

const NO_LETTERS = /[^A-Za-z0-9]+/gu;

export function finding(severity: Severity, path: string, message: string, fix: string): Finding {
  return { id: `CONF-${path.replaceAll(NO_LETTERS, '-')}`, severity, path, message, fix };
}
