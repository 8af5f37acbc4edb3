import type { Finding } from '../../slurm/conf/finding.ts';

/**
 * How a check ended. error: jobs or money go wrong; warning: something is lost; note: good to know;
 * skipped: what it needs is not there, or cannot be asked.
 */
export type Outcome = 'ok' | 'note' | 'warning' | 'error' | 'skipped';

/** One thing that was looked at (burst.md 1.5). `fix` is '' for what is in order. */
export interface Check {
  /** Stable name of what was looked at. */
  readonly id: string;
  readonly severity: Outcome;
  /** Where: a key of the configuration, a node group, an id of EC2. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

export function ok(id: string, path: string, message: string): Check {
  return { id, severity: 'ok', path, message, fix: '' };
}

export function check(
  severity: Exclude<Outcome, 'ok'>,
  id: string,
  path: string,
  [message, fix]: readonly [message: string, fix: string],
): Check {
  return { id, severity, path, message, fix };
}

const ORDER: Readonly<Record<Outcome, number>> = {
  error: 0,
  warning: 1,
  note: 2,
  skipped: 3,
  ok: 4,
};

/** What is not in order, worst first: the findings of `asbb burst validate config` (burst.md 1.3). */
export function findingsOf(checks: readonly Check[]): readonly Finding[] {
  return checks
    .toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity])
    .flatMap(({ severity, ...rest }) =>
      severity === 'ok' ? [] : [{ ...rest, severity: severity === 'skipped' ? 'note' : severity }],
    );
}
