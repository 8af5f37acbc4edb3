import type { GrantReport } from '../../../schema/output/grant-report.ts';
import { dayText, instantText, momentText } from '../../core/grant/calendar.ts';
import type { AwardRow } from '../../core/grant/rows.ts';
import type {
  ReportCell,
  ReportColumn,
  ReportDocument,
  ReportSection,
} from '../../core/report/document.ts';
import { rateText } from '../../core/report/indirect.ts';
import { jsonText, type Output } from '../json-text.ts';

const MICROS_PER_SECOND = 1_000_000;

function value(cell: ReportCell, { kind }: ReportColumn): Output {
  if (cell === undefined || typeof cell !== 'number') {
    return cell;
  }
  switch (kind) {
    case 'day':
      return dayText(cell);
    case 'rate':
      return Number(rateText(cell));
    case 'text':
    case 'sentence':
    case 'instant':
    case 'money':
    case 'count':
    case 'hours':
    case 'percent':
      return cell;
  }
}

function sectionJson({ columns, rows }: ReportSection): Output {
  return rows.map(({ cells }) =>
    Object.fromEntries(columns.map((each) => [each.key, value(cells[each.key], each)])),
  );
}

function said(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** budget.md 8.1: the boxes of the header. */
function grantJson(award: AwardRow, { grantStartDay, grantEndDay }: ReportDocument): Output {
  return {
    grant_number: award.number,
    funding_agency: award.agency,
    agency_program: said(award.program),
    principal_investigator: award.pi,
    co_investigators: award.coPis.length === 0 ? undefined : award.coPis,
    institution: award.institution,
    department: said(award.department),
    start_date: dayText(grantStartDay),
    end_date: dayText(grantEndDay),
    total_award_amount: award.total,
    status: award.status,
    fain: said(award.fain),
    assistance_listing_number: said(award.assistanceListing),
    federal_award_id: said(award.federalAwardId),
    uei: said(award.uei),
    ein: said(award.ein),
    recipient_account_number: said(award.recipientAccount),
    basis_of_accounting: award.accounting,
    report_frequency: award.reportFrequency,
  };
}

/** Everything but the footer: what its SHA-256 is of. */
function body(report: ReportDocument): Readonly<Record<string, Output>> {
  const { sections, lines } = report;
  const lists = sections
    .filter(({ id }) => id !== 'sf425')
    .map((section) => [section.id, sectionJson(section)] as const);
  return {
    report_type: report.type,
    grant: grantJson(report.award, report),
    period: {
      number: report.periodNumber,
      start: dayText(report.startDay),
      end: dayText(report.endDay),
    },
    generated_at: momentText(report.generatedUs),
    as_of: instantText(Math.floor(report.asOfUs / MICROS_PER_SECOND)),
    final: report.isFinal,
    sf425: lines,
    ...Object.fromEntries(lists),
    warnings: report.warnings,
    highest_transaction: report.highestSeq,
  };
}

/** Of the JSON document without its footer, as printed: `jq 'del(.footer)' | sha256sum`. */
export function sha256Of(report: ReportDocument): string {
  const text = `${jsonText(body(report))}\n`;
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');
}

export function reportJson(report: ReportDocument): GrantReport {
  const footer = { highest_transaction: report.highestSeq, sha256: sha256Of(report) };
  // The schema says the same of the same keys; a test parses every type's output.
  return { ...body(report), footer } as unknown as GrantReport;
}
