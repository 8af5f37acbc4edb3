import { dayText, instantText } from '../../core/grant/calendar.ts';
import { toDecimal } from '../../core/money/money.ts';
import { csvLine } from '../../core/report/csv-line.ts';
import type { ReportCell, ReportColumn, ReportDocument } from '../../core/report/document.ts';
import { rateText } from '../../core/report/indirect.ts';
import { sha256Of } from './json.ts';

const MICROS_PER_SECOND = 1_000_000;

/** Full decimals: what a spreadsheet can add up. */
function plain(cell: ReportCell, { kind }: ReportColumn): string {
  if (cell === undefined) {
    return '';
  }
  if (typeof cell === 'bigint') {
    return toDecimal(cell);
  }
  if (typeof cell === 'string') {
    return cell;
  }
  if (kind === 'day') {
    return dayText(cell);
  }
  return kind === 'rate' ? rateText(cell) : String(cell);
}

function headerLines(report: ReportDocument): readonly (readonly string[])[] {
  const { award, startDay, endDay, asOfUs, type } = report;
  const facts = [
    ['report_type', type],
    ['grant_number', award.number],
    ['funding_agency', award.agency],
    ['principal_investigator', award.pi],
    ['institution', award.institution],
    ['fain', award.fain],
    ['assistance_listing_number', award.assistanceListing],
    ['period_start', dayText(startDay)],
    ['period_end', dayText(endDay)],
    ['basis_of_accounting', award.accounting],
    ['as_of', instantText(Math.floor(asOfUs / MICROS_PER_SECOND))],
  ] as const;
  return facts.map(([label, text]) => ['header', '', label, text]);
}

/** `section,line,label,amount`, one value a line (budget.md 8.8); SF-425 lines carry their title. */
export function reportCsv(report: ReportDocument): string {
  const rows = report.sections.flatMap(({ id, columns, rows: own }) =>
    id === 'sf425'
      ? own.map(({ key, cells }) => [id, key, String(cells['label']), plainMoney(cells['amount'])])
      : own.flatMap(({ key, cells }) =>
          columns
            .filter(({ key: name }) => cells[name] !== undefined)
            .map((column) => [id, key, column.key, plain(cells[column.key], column)]),
        ),
  );
  const warnings = report.warnings.map((text, at) => ['warnings', String(at + 1), 'warning', text]);
  const footer = [
    ['footer', '', 'highest_transaction', String(report.highestSeq)],
    ['footer', '', 'sha256', sha256Of(report)],
  ];
  const head = ['section', 'line', 'label', 'amount'];
  return [head, ...headerLines(report), ...rows, ...warnings, ...footer].map(csvLine).join('');
}

function plainMoney(cell: ReportCell): string {
  return typeof cell === 'bigint' ? toDecimal(cell) : '';
}
