import Table from 'cli-table3';
import { escapeControls } from '../core/ledger/user-line.ts';

export interface Column<Row> {
  /** In capitals. */
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** May be cut down to so many characters when the table is too wide; absent: never cut. */
  readonly least?: number;
  /** A name that people type: cut after everything else, and then only a long one. */
  readonly isKey?: boolean;
}

/** What is left of a name that people type. */
const KEY_LEAST = 24;

const GAP = 2;
const MARK = '…';
const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
  ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
] as const;
const SEGMENTS = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const TRAILING_BLANKS = / +$/gmu;

/** One column a character: what nearly every cell is made of, and what needs no library to set. */
const PLAIN = /^[ -~…▁-█]*$/u;

function lengthOf(text: string): number {
  return PLAIN.test(text) ? text.length : [...SEGMENTS.segment(text)].length;
}

function cut(text: string, width: number): string {
  if (PLAIN.test(text)) {
    return text.length <= width ? text : text.slice(0, width - 1) + MARK;
  }
  const parts = [...SEGMENTS.segment(text)];
  return parts.length <= width
    ? text
    : `${parts
        .slice(0, width - 1)
        .map(({ segment }) => segment)
        .join('')}${MARK}`;
}

interface Sized {
  readonly least: number;
  readonly isKey: boolean;
  width: number;
}

/** The widest column that may shrink gives first, until the table fits; then keys do. */
function squeeze(columns: readonly Sized[], width: number): void {
  let excess = columns.reduce((sum, column) => sum + column.width + GAP, -GAP) - width;
  for (const areKeys of [false, true]) {
    while (excess > 0) {
      const [widest] = columns
        .filter(({ isKey, width: now, least }) => isKey === areKeys && now > least)
        .toSorted((a, b) => b.width - a.width);
      if (widest === undefined) {
        break;
      }
      widest.width -= 1;
      excess -= 1;
    }
  }
}

function shown(line: readonly string[], sized: readonly Sized[]): string[] {
  return line.map((text, at) => cut(text, sized[at]?.width ?? 0));
}

/**
 * Header in capitals, no borders, two blanks between columns (budget.md 2.1). Cells are made harmless;
 * `width` undefined: nothing is cut.
 */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): string {
  const cells = rows.map((row) => columns.map(({ cell }) => escapeControls(cell(row))));
  const sized = columns.map(({ title, least, isKey = false }, at): Sized => {
    const natural = Math.max(lengthOf(title), ...cells.map((line) => lengthOf(line[at] ?? '')));
    const kept = least ?? (isKey ? KEY_LEAST : natural);
    return { isKey, width: natural, least: Math.max(kept, lengthOf(title)) };
  });
  if (width !== undefined) {
    squeeze(sized, width);
  }
  const titles = columns.map(({ title }) => title);
  const lines = [titles, ...cells].map((line) => shown(line, sized));
  const aligns = columns.map(({ align }) => align ?? 'left');
  const isPlain = lines.every((line) => line.every((text) => PLAIN.test(text)));
  const text = isPlain ? plainText(lines, aligns) : setText(lines, aligns);
  return text.replaceAll(TRAILING_BLANKS, '');
}

type Align = 'left' | 'right';

function plainText(lines: readonly (readonly string[])[], aligns: readonly Align[]): string {
  const widths = aligns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, at) =>
          aligns[at] === 'right' ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0),
        )
        .join(' '.repeat(GAP)),
    )
    .join('\n');
}

/** Names in scripts whose characters are two columns wide, or none, are the library's to set. */
function setText(
  [head = [], ...rows]: readonly (readonly string[])[],
  aligns: readonly Align[],
): string {
  const table = new Table({
    head: [...head],
    colAligns: [...aligns],
    chars: Object.fromEntries(BORDERS.map((name) => [name, name === 'middle' ? '  ' : ''])),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...rows.map((line) => [...line]));
  return table.toString();
}

/** `Limit:      $1000.00` under a title; undefined values are left out. */
export function blockText(
  title: string,
  lines: Readonly<Record<string, string | undefined>>,
): string {
  const known = Object.entries(lines).flatMap(([label, value]) =>
    value === undefined ? [] : [[`${label}:`, escapeControls(value)] as const],
  );
  const width = Math.max(0, ...known.map(([label]) => label.length)) + GAP;
  const indent = title === '' ? '' : '  ';
  const text = known.map(([label, value]) => `${indent}${label.padEnd(width)}${value}`);
  return [...(title === '' ? [] : [`${title}:`]), ...text].join('\n');
}
