import { EXIT, type ExitCode } from '../core/errors.ts';
import type { Finding } from '../core/slurm/conf/finding.ts';
import type { Column } from './table.ts';

const LEAST_WIDTH = 24;

export const FINDING_COLUMNS: readonly Column<Finding>[] = [
  { title: 'SEVERITY', cell: ({ severity }) => severity },
  { title: 'WHERE', cell: ({ path }) => path, least: LEAST_WIDTH },
  { title: 'PROBLEM', cell: ({ message }) => message, least: LEAST_WIDTH },
  { title: 'FIX', cell: ({ fix }) => fix, least: LEAST_WIDTH },
];

/** A check command that found an error ends with 1 (reliability.md 5). */
export function findingsCode(findings: readonly Finding[]): ExitCode {
  return findings.some(({ severity }) => severity === 'error') ? EXIT.fault : EXIT.ok;
}
