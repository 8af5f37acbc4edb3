import { dayText } from '../../core/grant/calendar.ts';
import { escapeControls } from '../../core/ledger/user-line.ts';
import { type Money, toDollars } from '../../core/money/money.ts';
import type { ReportDocument, ReportSection } from '../../core/report/document.ts';
import { LINES, type LineId } from '../../core/report/sf425.ts';
import { footLines, shown } from './text.ts';

// `--format agency-required`: the figures in the order and under the numbers of the SF-425 form.

const LABEL = 54;
const AMOUNT = 22;
const GROUPS = [
  ['Federal Cash', ['10a', '10b', '10c']],
  ['Federal Expenditures and Unobligated Balance', ['10d', '10e', '10f', '10g', '10h']],
  ['Recipient Share', ['10i', '10j', '10k']],
  ['Program Income', ['10l', '10m', '10n', '10o']],
] as const satisfies readonly (readonly [string, readonly LineId[]])[];

function line(label: string, amount: Money): string {
  return `  ${label.padEnd(LABEL)}${toDollars(amount).padStart(AMOUNT)}`;
}

function box(number: string, label: string, text: string): string {
  return `${number.padEnd(4)}${label.padEnd(38)}${text === '' ? '-' : text}`;
}

function reportKind({ isFinal, award }: ReportDocument): string {
  if (isFinal === undefined) {
    return award.reportFrequency.replace('_', '-');
  }
  return isFinal ? 'final' : 'final, not final yet: obligations are open';
}

function indirectLines({ columns, rows }: ReportSection): readonly string[] {
  return rows.map(({ cells }) =>
    columns
      .map((column) => {
        const text = cells[column.key] === undefined ? '' : shown(cells[column.key], column);
        return column.kind === 'money'
          ? text.padStart(14)
          : text.padEnd(column.key === 'type' ? 15 : 11);
      })
      .join('')
      .trimEnd(),
  );
}

/** Undefined where the report has no lines. */
export function agencyText(report: ReportDocument): string | undefined {
  const { award, lines, sections, endDay } = report;
  if (lines === undefined) {
    return;
  }
  const indirect = sections.find(({ id }) => id === 'indirect');
  const head = indirect?.columns
    .map(({ title, kind, key }) =>
      kind === 'money' ? title.padStart(14) : title.padEnd(key === 'type' ? 15 : 11),
    )
    .join('');
  return [
    'FEDERAL FINANCIAL REPORT (layout of SF-425; prepared figures, not certified)',
    '',
    box('1.', 'Federal agency', award.agency),
    box('2.', 'Federal grant number (FAIN)', award.fain === '' ? award.number : award.fain),
    box('3.', 'Recipient organization', award.institution),
    box('4a.', 'UEI', award.uei),
    box('4b.', 'EIN', award.ein),
    box('5.', 'Recipient account number', award.recipientAccount || award.number),
    box('6.', 'Report type', reportKind(report)),
    box('7.', 'Basis of accounting', award.accounting),
    box(
      '8.',
      'Project/grant period',
      `${dayText(report.grantStartDay)} to ${dayText(report.grantEndDay)}`,
    ),
    box('9.', 'Reporting period end date', dayText(endDay)),
    '',
    '10. Transactions (cumulative)',
    ...GROUPS.flatMap(([title, ids]) => [
      `  ${title}`,
      ...ids.map((id) => line(`${id.slice(2)}. ${LINES[id]}`, lines[id])),
    ]),
    '',
    '11. Indirect expense',
    ...(indirect === undefined
      ? []
      : [`  ${head?.trimEnd()}`, ...indirectLines(indirect).map((text) => `  ${text}`)]),
    '',
    '12. Remarks',
    ...(report.warnings.length === 0 ? ['  none'] : report.warnings.map((text) => `  - ${text}`)),
    '',
    '13. Certification',
    '  Name, title, telephone, email, signature, date: to be filled in by the recipient.',
    '',
    ...footLines(report),
  ]
    .map(escapeControls)
    .join('\n');
}
