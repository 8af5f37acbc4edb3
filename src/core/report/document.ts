import type { AwardRow } from '../grant/rows.ts';
import type { Money } from '../money/money.ts';
import type { Lines } from './sf425.ts';

// A report as sections of rows, so that table, JSON, CSV and PDF say the same.

export const REPORT_TYPES = [
  'financial',
  'technical',
  'compliance',
  'annual',
  'burn-down',
  'by-period',
  'by-user',
  'by-partition',
  'rate-recovery',
] as const;
export type ReportType = (typeof REPORT_TYPES)[number];

/**
 * `rate` in 1/10000, `percent` as a number with 4 decimals, `hours` with 2, `day` YYYYMMDD, `instant`
 * RFC 3339, `sentence` a text that is broken rather than cut.
 */
export type ColumnKind =
  | 'text'
  | 'sentence'
  | 'money'
  | 'count'
  | 'hours'
  | 'percent'
  | 'rate'
  | 'day'
  | 'instant';

export interface ReportColumn {
  /** JSON's key. */
  readonly key: string;
  readonly title: string;
  readonly kind: ColumnKind;
  /** Left out of a table of 80 columns. */
  readonly isExtra?: boolean | undefined;
}

export type ReportCell = Money | number | string | undefined;

export interface ReportRow {
  /** What names the row in a CSV: its line. */
  readonly key: string;
  readonly cells: Readonly<Record<string, ReportCell>>;
}

export interface ReportSection {
  /** JSON's key of the list. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
}

export interface ReportDocument {
  readonly type: ReportType;
  readonly award: AwardRow;
  readonly startDay: number;
  readonly endDay: number;
  /** Of the budget period, where one was asked for. */
  readonly periodNumber?: number | undefined;
  /** First and last day of the whole grant. */
  readonly grantStartDay: number;
  readonly grantEndDay: number;
  readonly asOfUs: number;
  readonly generatedUs: number;
  readonly highestSeq: number;
  /** A final report whose 10f is 0; undefined: an interim one. */
  readonly isFinal?: boolean | undefined;
  readonly lines?: Lines | undefined;
  readonly sections: readonly ReportSection[];
  readonly warnings: readonly string[];
}

/** A section of one row a thing: `rows` gives its line and its cells. */
export function section<T>(
  head: Pick<ReportSection, 'id' | 'title' | 'columns'>,
  things: readonly T[],
  row: (thing: T, at: number) => ReportRow,
): ReportSection {
  return { ...head, rows: things.map(row) };
}

export function column(key: string, title: string, kind: ColumnKind): ReportColumn {
  return { key, title, kind };
}

/** A column that a table of 80 columns has no room for. */
export function extra(key: string, title: string, kind: ColumnKind): ReportColumn {
  return { key, title, kind, isExtra: true };
}
