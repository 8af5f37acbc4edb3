import type { Refused } from '../errors.ts';
import { dayText } from '../grant/calendar.ts';
import { invalid } from '../ledger/account-words.ts';
import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import type { DueDays, ReportDue, ReportKind } from './due.ts';
import { frameOf } from './frame.ts';

export interface MarkSubmitted {
  readonly number: string;
  /** Last day of the reporting period. */
  readonly endDay: number;
  readonly submittedDay: number;
  readonly zone: string;
  readonly dueDays: DueDays;
}

export interface SubmittedAnswer {
  readonly [key: string]: string;
  readonly kind: ReportKind;
  readonly period_end: string;
  readonly due: string;
  readonly submitted: string;
}

const ENDS_SHOWN = 6;

function noSuchPeriod(day: number, due: readonly ReportDue[]): Refused {
  const ends = due.slice(0, ENDS_SHOWN).map(({ periodEndDay }) => dayText(periodEndDay));
  const more = due.length > ENDS_SHOWN ? ', …' : '';
  return invalid(
    'end_date',
    `no report to ${dayText(day)} is asked for; reporting periods end ${ends.join(', ')}${more}`,
    'give the end of the reporting period with --end or --period',
  );
}

/** Keeps when a financial report was handed in (budget.md 8.6). Query: the award. VALIDATION_ERROR. */
export function markSubmitted(view: View, ask: MarkSubmitted): Decision<SubmittedAnswer> | Refused {
  const figures = view.awards?.awards.find(({ award }) => award.number === ask.number);
  if (figures === undefined) {
    return invalid('grant_number', `Grant ${ask.number} not found`, 'see asbb grant list');
  }
  const { due } = frameOf(figures, ask);
  const report = due.findLast(({ periodEndDay }) => periodEndDay === ask.endDay);
  if (report === undefined) {
    return noSuchPeriod(ask.endDay, due);
  }
  if (ask.submittedDay <= ask.endDay || ask.submittedDay > view.today) {
    return invalid(
      'mark_submitted',
      `a report to ${dayText(ask.endDay)} is submitted after that day and not in the future`,
    );
  }
  const row = {
    awardId: figures.award.awardId,
    kind: report.kind,
    periodEndDay: report.periodEndDay,
    submittedDay: ask.submittedDay,
    reference: '',
    createdUs: view.nowUs,
  };
  const answer = {
    kind: report.kind,
    period_end: dayText(report.periodEndDay),
    due: dayText(report.dueDay),
    submitted: dayText(ask.submittedDay),
  };
  return report.submittedDay === ask.submittedDay
    ? { changes: [], answer }
    : { changes: [{ change: 'putAwardReport', row }], answer };
}
