import { dayText, instantText } from '../../core/grant/calendar.ts';
import { toDollars } from '../../core/money/money.ts';
import type {
  ReportCell,
  ReportColumn,
  ReportDocument,
  ReportRow,
  ReportSection,
} from '../../core/report/document.ts';
import { rateText } from '../../core/report/indirect.ts';
import { blockText, type Column, tableText } from '../table.ts';
import { sha256Of } from './json.ts';

const MICROS_PER_SECOND = 1_000_000;
const LEAST = 6;
const DAY_LENGTH = 10;
const GAP = 2;
const MARK = '  - ';
const BLANK = ' '.repeat(MARK.length);
/** Below this a broken sentence would be a ladder of words. */
const SENTENCE_LEAST = 20;

/** As tables show it: `$1.23`, 1 decimal of a percentage. */
export function shown(cell: ReportCell, { kind }: ReportColumn): string {
  if (cell === undefined) {
    return '-';
  }
  if (typeof cell === 'bigint') {
    return toDollars(cell);
  }
  if (typeof cell === 'string') {
    return kind === 'instant' ? cell.slice(0, DAY_LENGTH) : cell;
  }
  switch (kind) {
    case 'day':
      return dayText(cell);
    case 'rate':
      return `${percentText(cell)}%`;
    case 'percent':
      return `${cell.toFixed(1)}%`;
    case 'hours':
      return cell.toFixed(2);
    case 'text':
    case 'sentence':
    case 'instant':
    case 'money':
    case 'count':
      return String(cell);
  }
}

/** 3000 → `30.00`. */
function percentText(rateE4: number): string {
  return rateText(rateE4 * 100).slice(0, -2);
}

/** Set from the left, and cut or broken when there is no room. */
export function isTextColumn(column: ReportColumn | undefined): boolean {
  return column?.kind === 'text' || column?.kind === 'sentence' || column?.kind === 'instant';
}

/** Breaks at blanks; a word that is longer than a line stands alone. */
function broken(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/** Of a column, with the gap behind it. */
function widthOf(column: ReportColumn, rows: readonly ReportRow[]): number {
  const cells = rows.map(({ cells: each }) => shown(each[column.key], column).length);
  return Math.max(column.title.length, ...cells) + GAP;
}

/** A row of its own for every further line of a sentence in the last column. */
function withBrokenSentences(
  rows: readonly ReportRow[],
  columns: readonly ReportColumn[],
  width: number,
): readonly ReportRow[] {
  const last = columns.at(-1);
  const others = columns.slice(0, -1);
  const room = others.reduce((left, column) => left - widthOf(column, rows), width);
  if (last?.kind !== 'sentence' || room < SENTENCE_LEAST) {
    return rows;
  }
  const blank = Object.fromEntries(others.map(({ key }) => [key, '']));
  return rows.flatMap((row) =>
    broken(shown(row.cells[last.key], last), room).map((line, at) => ({
      key: row.key,
      cells: { ...(at === 0 ? row.cells : blank), [last.key]: line },
    })),
  );
}

function tableColumn(column: ReportColumn): Column<ReportRow> {
  const isText = isTextColumn(column);
  return {
    title: column.title,
    cell: ({ cells }) => shown(cells[column.key], column),
    align: isText ? 'left' : 'right',
    ...(isText && (column.key === 'account' ? { isKey: true } : { least: LEAST })),
  };
}

/** Columns without a value in any row are left out. */
export function usedColumns({ columns, rows }: ReportSection): readonly ReportColumn[] {
  return columns.filter(({ key }) =>
    rows.some(({ cells }) => cells[key] !== undefined && cells[key] !== ''),
  );
}

function sectionText(section: ReportSection, width: number | undefined): string {
  const columns = usedColumns(section).filter(
    ({ isExtra }) => width === undefined || isExtra !== true,
  );
  const rows =
    width === undefined ? section.rows : withBrokenSentences(section.rows, columns, width);
  const table = rows.length === 0 ? 'None.' : tableText(columns.map(tableColumn), rows, width);
  return `${section.title}:\n${table}`;
}

export function titleOf({ type, award }: ReportDocument): string {
  return `${type[0]?.toUpperCase()}${type.slice(1)} report on grant ${award.number}`;
}

/** What stands above the sections, by label. */
export function headOf(report: ReportDocument): Readonly<Record<string, string | undefined>> {
  const { award, grantStartDay, grantEndDay, startDay, endDay, asOfUs, periodNumber } = report;
  return {
    Agency: award.agency,
    Program: award.program === '' ? undefined : award.program,
    FAIN: award.fain === '' ? undefined : award.fain,
    Institution: award.institution,
    'Principal Investigator': award.pi,
    'Total Award': toDollars(award.total),
    'Grant Period': `${dayText(grantStartDay)} to ${dayText(grantEndDay)}`,
    'Report Period':
      `${dayText(startDay)} to ${dayText(endDay)}` +
      (periodNumber === undefined ? '' : ` (budget period ${periodNumber})`),
    Accounting: award.accounting,
    'As Of': instantText(Math.floor(asOfUs / MICROS_PER_SECOND)),
  };
}

export function footLines(report: ReportDocument): readonly string[] {
  return [`Highest transaction: ${report.highestSeq}`, `SHA-256: ${sha256Of(report)}`];
}

/** `width` undefined: nothing is cut. */
export function reportText(report: ReportDocument, width: number | undefined): string {
  const warnings = report.warnings.flatMap((text) =>
    (width === undefined ? [text] : broken(text, width - MARK.length)).map(
      (line, at) => (at === 0 ? MARK : BLANK) + line,
    ),
  );
  return [
    blockText(titleOf(report), headOf(report)),
    ...report.sections.map((section) => sectionText(section, width)),
    ...(warnings.length === 0 ? [] : [`Warnings:\n${warnings.join('\n')}`]),
    footLines(report).join('\n'),
  ].join('\n\n');
}
