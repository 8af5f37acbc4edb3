import { type ComplianceCheck, complianceChecks } from './compliance.ts';
import { column, extra, type ReportSection, section } from './document.ts';
import type { ReportDue } from './due.ts';
import type { GrantFacts } from './facts.ts';
import type { Lines } from './sf425.ts';

const CHECK_COLUMNS = [
  column('check', 'CHECK', 'text'),
  extra('title', 'TITLE', 'text'),
  column('result', 'RESULT', 'text'),
  column('detail', 'DETAIL', 'sentence'),
];

export function checksSection(checks: readonly ComplianceCheck[]): ReportSection {
  const head = { id: 'checks', title: 'Compliance', columns: CHECK_COLUMNS };
  return section(head, checks, ({ id, title, verdict, detail }) => ({
    key: id,
    cells: { check: id, title, result: verdict, detail },
  }));
}

/** `broken`: predicates of the ledger that do not hold. */
export function grantChecks(
  facts: GrantFacts,
  lines: Lines,
  broken: readonly string[] | undefined,
): readonly ComplianceCheck[] {
  return complianceChecks({
    lines,
    startDay: facts.grantStartDay,
    endDay: facts.grantEndDay,
    today: facts.today,
    costDays: [...facts.books.days, ...facts.books.externals].toSorted((a, b) => a.day - b.day),
    rates: facts.rates,
    due: facts.due,
    holds: facts.books.holds,
    broken,
  });
}

export function dueSection(due: readonly ReportDue[]): ReportSection {
  const columns = [
    column('kind', 'REPORT', 'text'),
    column('start', 'FROM', 'day'),
    column('end', 'TO', 'day'),
    column('due', 'DUE', 'day'),
    column('submitted', 'SUBMITTED', 'day'),
  ];
  return section({ id: 'reports', title: 'Reports', columns }, due, (each) => ({
    key: `${each.kind} ${each.periodEndDay}`,
    cells: {
      kind: each.kind,
      start: each.periodStartDay,
      end: each.periodEndDay,
      due: each.dueDay,
      submitted: each.submittedDay,
    },
  }));
}
