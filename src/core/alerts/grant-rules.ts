import { daysBetween, dayText } from '../grant/calendar.ts';
import { absolute, isNegative, isPositive, toDecimal, toDollars } from '../money/money.ts';
import { exactly } from '../money/ratio.ts';
import type { ReportDue } from '../report/due.ts';
import type { Finding, GrantExtras } from './facts.ts';
import { grade, type Rung } from './grade.ts';

// Rules of budget.md 4.8 (and 8.3, 8.5, 8.6) about the dates and the terms of a grant.

const END: readonly Rung[] = [
  { severity: 'critical', limit: exactly(7) },
  { severity: 'warning', limit: exactly(30) },
  { severity: 'info', limit: exactly(90) },
];
const PERIOD: readonly Rung[] = [
  { severity: 'warning', limit: exactly(7) },
  { severity: 'info', limit: exactly(30) },
];
const REPORT_DAYS = 30;

/** `in 7 days`, `tomorrow`, `today`. */
function inDays(days: number): string {
  if (days > 1) {
    return `in ${days} days`;
  }
  return days === 1 ? 'tomorrow' : 'today';
}

interface Near {
  readonly type: 'grant_expiring' | 'period_ending';
  readonly rule: string;
  readonly endDay: number;
  readonly what: string;
  readonly rungs: readonly Rung[];
}

/** What is over is not near any more. Days only pass, so there is no band. */
function near({ owner, today }: GrantExtras, of: Near): readonly Finding[] {
  const { type, rule, endDay, what, rungs } = of;
  const days = daysBetween(today, endDay);
  const graded = days < 0 ? undefined : grade(exactly(days), { test: 'at most', band: 0, rungs });
  if (graded?.severity === undefined) {
    return [];
  }
  const limit = rungs.find(({ severity }) => severity === graded.severity)?.limit;
  const message = `${what} ends ${inDays(days)} (${dayText(endDay)})`;
  return [
    {
      ...{ owner, type, rule, message },
      severity: graded.severity,
      keeps: graded.severity,
      threshold: String(limit?.num ?? ''),
      actual: String(days),
      details: { date: dayText(endDay) },
    },
  ];
}

const KINDS: Readonly<Record<ReportDue['kind'], string>> = {
  quarterly: 'quarterly',
  semi_annual: 'semi-annual',
  annual: 'annual',
  final: 'final',
};

/** Each report that is not handed in has its own alert: the next one must not hide behind the last. */
function report({ owner, today }: GrantExtras, due: ReportDue): readonly Finding[] {
  const days = daysBetween(today, due.dueDay);
  if (due.submittedDay !== undefined || days > REPORT_DAYS) {
    return [];
  }
  const severity = days < 0 ? 'critical' : 'warning';
  const when =
    days < 0
      ? `was due on ${dayText(due.dueDay)}`
      : `is due ${inDays(days)} (${dayText(due.dueDay)})`;
  return [
    {
      owner,
      type: 'compliance_warning',
      rule: `report:${due.kind}:${dayText(due.periodEndDay)}`,
      severity,
      keeps: severity,
      threshold: String(REPORT_DAYS),
      actual: String(days),
      message: `Grant ${owner.name}: the ${KINDS[due.kind]} report to ${dayText(due.periodEndDay)} ${when}`,
      details: { due_date: dayText(due.dueDay), period_end: dayText(due.periodEndDay) },
    },
  ];
}

function compliance(
  owner: GrantExtras['owner'],
  rule: string,
  actual: string,
  message: string,
): Finding {
  const severity = 'critical';
  const type = 'compliance_warning';
  return {
    owner,
    type,
    rule,
    severity,
    keeps: severity,
    threshold: '0',
    actual,
    message,
    details: {},
  };
}

function books(extras: GrantExtras): readonly Finding[] {
  const { owner, spentAfterEnd, unobligated, endDay } = extras;
  const late = `Grant ${owner.name} bears ${toDollars(spentAfterEnd)} dated after its end ${dayText(endDay)}`;
  const over = `Grant ${owner.name} has obligations of ${toDollars(absolute(unobligated))} above what is authorised`;
  return [
    ...(isPositive(spentAfterEnd)
      ? [compliance(owner, 'after_end', toDecimal(spentAfterEnd), late)]
      : []),
    ...(isNegative(unobligated)
      ? [compliance(owner, 'unobligated', toDecimal(unobligated), over)]
      : []),
  ];
}

/** Policy `none`: money of a closed period that no later one may use. */
function lost({ owner, lost: left }: GrantExtras): readonly Finding[] {
  if (left === undefined || !isPositive(left.amount)) {
    return [];
  }
  return [
    {
      owner,
      type: 'underspend_risk',
      rule: `carryover:${left.period}`,
      severity: 'info',
      keeps: 'info',
      threshold: '0',
      actual: toDecimal(left.amount),
      message: `Grant ${owner.name} left ${toDollars(left.amount)} of period ${left.period}, which it may not carry over`,
      details: { period: left.period },
    },
  ];
}

export function grantFindings(extras: GrantExtras): readonly Finding[] {
  const { owner, endDay, period, due, isOpen } = extras;
  const dates: readonly Near[] = [
    { type: 'grant_expiring', rule: 'end', endDay, what: `Grant ${owner.name}`, rungs: END },
    ...(period === undefined
      ? []
      : [
          {
            type: 'period_ending',
            rule: 'period',
            endDay: period.endDay,
            what: `Period ${period.number} of grant ${owner.name}`,
            rungs: PERIOD,
          } as const,
        ]),
  ];
  return [
    ...(isOpen ? dates.flatMap((each) => near(extras, each)) : []),
    ...due.flatMap((each) => report(extras, each)),
    ...books(extras),
    ...lost(extras),
  ];
}
