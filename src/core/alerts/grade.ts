import {
  absoluteRatio,
  added,
  compared,
  divided,
  exactly,
  multiplied,
  type Ratio,
  subtracted,
} from '../money/ratio.ts';
import { SEVERITIES, type Severity } from './rows.ts';

/** How a value meets a limit: exact, before any rounding (budget.md 4.6, 4.8). */
export type Test = 'above' | 'at least' | 'below' | 'at most';

export interface Rung {
  readonly severity: Severity;
  readonly limit: Ratio;
}

/** The limits of one rule. */
export interface Ladder {
  readonly test: Test;
  /** Gravest first. */
  readonly rungs: readonly Rung[];
  /**
   * Percent of a limit that a value must come back by before the limit counts as left again. Without
   * it a value that plays around its limit would be news each time.
   */
  readonly band: number;
}

/** What a value is worth on a ladder. */
export interface Grade {
  /** Absent: no limit is met. */
  readonly severity: Severity | undefined;
  /** How grave an alert that stands may stay: limits are left only beyond the band. */
  readonly keeps: Severity | undefined;
  /** The limit that `keeps`, else the mildest one. */
  readonly limit: Ratio;
}

const PERCENT = exactly(100);

function meets(value: Ratio, test: Test, limit: Ratio): boolean {
  const order = compared(value, limit);
  switch (test) {
    case 'above':
      return order > 0;
    case 'at least':
      return order >= 0;
    case 'below':
      return order < 0;
    case 'at most':
      return order <= 0;
  }
}

/** The limit, moved by the band to the side where things are well. */
function eased(limit: Ratio, { test, band }: Ladder): Ratio {
  const step = multiplied(absoluteRatio(limit), divided(exactly(band), PERCENT));
  return test === 'above' || test === 'at least' ? subtracted(limit, step) : added(limit, step);
}

export function grade(value: Ratio, ladder: Ladder): Grade | undefined {
  const { test, rungs } = ladder;
  const met = rungs.find(({ limit }) => meets(value, test, limit));
  const kept = rungs.find(({ limit }) => meets(value, test, eased(limit, ladder)));
  const shown = met ?? kept ?? rungs.at(-1);
  return shown && { severity: met?.severity, keeps: kept?.severity, limit: shown.limit };
}

export function gravity(severity: Severity | undefined): number {
  return severity === undefined ? -1 : SEVERITIES.indexOf(severity);
}

export function graver(a: Severity | undefined, b: Severity | undefined): Severity | undefined {
  return gravity(a) >= gravity(b) ? a : b;
}

/** What becomes of an alert's severity; undefined: its condition is gone. */
export function settledSeverity(
  { severity, keeps }: Pick<Grade, 'severity' | 'keeps'>,
  standing: Severity | undefined,
): Severity | undefined {
  if (standing === undefined) {
    return severity;
  }
  const kept = gravity(keeps) < gravity(standing) ? keeps : standing;
  return graver(severity, kept);
}
