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
  /** The last column, when it is what the table is for: never cut, a terminal breaks the line. */
  readonly isOpenEnded?: boolean;
  /** Title of the column that this one stands below, on a line of its own, when the table is too wide. */
  readonly under?: string;
}

/** What is left of a name that people type, and of a title. */
const KEY_LEAST = 10;
const TITLE_LEAST = 6;

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

/** Words are cut first, then titles longer than all that is below them, then keys. */
const TURNS = ['words', 'titles', 'keys'] as const;

interface Sized {
  /** What it is not cut below in each turn. */
  readonly least: Readonly<Record<(typeof TURNS)[number], number>>;
  readonly isOpenEnded?: boolean | undefined;
  width: number;
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each + GAP, -GAP);
}

/**
 * In each turn the widest column that may shrink gives first, until the table fits. Titles and keys
 * stay whole in a table that does not fit even without them.
 */
function squeeze(columns: readonly Sized[], width: number): void {
  const closed = columns.filter(({ isOpenEnded }) => isOpenEnded !== true);
  const narrowest = closed.map(({ least }) => Math.min(...Object.values(least)));
  const turns = sumOf(narrowest) > width ? TURNS.slice(0, 1) : TURNS;
  let excess = sumOf(closed.map((column) => column.width)) - width;
  for (const turn of turns) {
    while (excess > 0) {
      const [widest] = columns
        .filter((column) => column.width > column.least[turn])
        .toSorted((a, b) => b.width - a.width);
      if (widest === undefined) {
        break;
      }
      widest.width -= 1;
      excess -= 1;
    }
  }
}

/** `below`: the widest cell under the title. */
function sizeOf<Row>({ title, least, isKey, isOpenEnded }: Column<Row>, below: number): Sized {
  const width = Math.max(lengthOf(title), below);
  const kept = Math.max(least ?? (isKey === true ? KEY_LEAST : width), lengthOf(title));
  if (isKey === true || isOpenEnded === true) {
    return { width, isOpenEnded, least: { words: width, titles: width, keys: kept } };
  }
  const titles = Math.min(width, Math.max(TITLE_LEAST, Math.min(below, least ?? below)));
  return { width, least: { words: kept, titles, keys: width } };
}

function shown(line: readonly string[], sized: readonly Sized[]): string[] {
  return line.map((text, at) => cut(text, sized[at]?.width ?? 0));
}

interface Laid<Row> {
  readonly columns: readonly Column<Row>[];
  /** Titles on as many lines as a row has. */
  readonly titles: readonly (readonly string[])[];
  readonly cells: readonly (readonly string[])[];
}

function laidFlat<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Laid<Row> {
  return {
    columns,
    titles: [columns.map(({ title }) => title)],
    cells: rows.map((row) => columns.map(({ cell }) => escapeControls(cell(row)))),
  };
}

/** Each row on two lines. */
function laidFolded<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Laid<Row> {
  const over = columns.filter(({ under }) => under === undefined);
  const below = over.map(({ title }) => columns.find(({ under }) => under === title));
  return {
    columns: over,
    titles: [over.map(({ title }) => title), below.map((column) => column?.title ?? '')],
    cells: rows.flatMap((row) =>
      [over, below].map((line) =>
        line.map((column) => escapeControls(column === undefined ? '' : column.cell(row))),
      ),
    ),
  };
}

function sizesOf<Row>({ columns, titles, cells }: Laid<Row>): readonly Sized[] {
  const below = [...titles.slice(1), ...cells];
  return columns.map((column, at) =>
    sizeOf(column, Math.max(0, ...below.map((line) => lengthOf(line[at] ?? '')))),
  );
}

function laidOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): Laid<Row> {
  const flat = laidFlat(columns, rows);
  const isTooWide =
    width !== undefined && sumOf(sizesOf(flat).map((column) => column.width)) > width;
  return isTooWide && columns.some(({ under }) => under !== undefined)
    ? laidFolded(columns, rows)
    : flat;
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
  const laid = laidOut(columns, rows, width);
  const sized = sizesOf(laid);
  if (width !== undefined) {
    squeeze(sized, width);
  }
  const lines = [...laid.titles, ...laid.cells].map((line) => shown(line, sized));
  const aligns = laid.columns.map(({ align }) => align ?? 'left');
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
