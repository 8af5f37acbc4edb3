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

/** As tables show it: `$1.23`, 1 decimal of a percentage. */
export function shown(cell: ReportCell, { kind }: ReportColumn): string {
  if (cell === undefined) {
    return '-';
  }
  if (typeof cell === 'bigint') {
    return toDollars(cell);
  }
  if (typeof cell === 'string') {
    return cell;
  }
  switch (kind) {
    case 'day':
      return dayText(cell);
    case 'rate':
      return `${percentText(cell)}%`;
    case 'percent':
      return `${cell.toFixed(1)}%`;
    case 'text':
    case 'money':
    case 'count':
      return String(cell);
  }
}

/** 3000 → `30.00`. */
function percentText(rateE4: number): string {
  return rateText(rateE4 * 100).slice(0, -2);
}

function tableColumn(column: ReportColumn): Column<ReportRow> {
  const isText = column.kind === 'text';
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
  const table =
    section.rows.length === 0 ? 'None.' : tableText(columns.map(tableColumn), section.rows, width);
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
  const warnings = report.warnings.map((text) => `  - ${text}`);
  return [
    blockText(titleOf(report), headOf(report)),
    ...report.sections.map((section) => sectionText(section, width)),
    ...(warnings.length === 0 ? [] : [`Warnings:\n${warnings.join('\n')}`]),
    footLines(report).join('\n'),
  ].join('\n\n');
}
