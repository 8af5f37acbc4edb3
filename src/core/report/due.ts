import { addDays, addMonths } from '../grant/calendar.ts';
import type { AwardReportRow, ReportFrequency } from '../grant/rows.ts';

// Reporting periods and when their reports are due (budget.md 8.6). Days are YYYYMMDD, in the site zone.

export type ReportKind = ReportFrequency | 'final';

export interface ReportDue {
  readonly kind: ReportKind;
  readonly periodStartDay: number;
  readonly periodEndDay: number;
  readonly dueDay: number;
  /** When it was handed in; undefined: not yet. */
  readonly submittedDay?: number | undefined;
}

/** `grant_management.report_due_days`: days after the end of the period. */
export interface DueDays {
  readonly quarterly: number;
  readonly semi_annual: number;
  readonly annual: number;
  readonly final: number;
}

interface Award {
  readonly startDay: number;
  readonly endDay: number;
  readonly frequency: ReportFrequency;
  /** Last days of the budget periods, ascending. */
  readonly periodEnds: readonly number[];
}

/** The last days of calendar quarters or halves that fall into the award. */
function calendarEnds({ startDay, endDay }: Award, months: 3 | 6): readonly number[] {
  const january = Math.floor(startDay / 10_000) * 10_000 + 101;
  const ends: number[] = [];
  for (let step = 1; ; step += 1) {
    const end = addDays(addMonths(january, step * months), -1);
    if (end >= endDay) {
      return ends;
    }
    if (end >= startDay) {
      ends.push(end);
    }
  }
}

function interimEnds(award: Award): readonly number[] {
  switch (award.frequency) {
    case 'quarterly':
      return calendarEnds(award, 3);
    case 'semi_annual':
      return calendarEnds(award, 6);
    case 'annual':
      return award.periodEnds.filter((end) => end < award.endDay);
  }
}

/** Every report that an award asks for, by the end of its period; the last is the final one. */
export function reportsDue(
  award: Award,
  submitted: readonly AwardReportRow[],
  days: DueDays,
): readonly ReportDue[] {
  const interim = interimEnds(award).map((end) => ({ kind: award.frequency, end }) as const);
  const all = [...interim, { kind: 'final', end: award.endDay } as const];
  return all.map(({ kind, end }, at) => {
    const before = all[at - 1]?.end;
    return {
      kind,
      periodStartDay: before === undefined ? award.startDay : addDays(before, 1),
      periodEndDay: end,
      dueDay: addDays(end, days[kind]),
      submittedDay: submitted.find((row) => row.kind === kind && row.periodEndDay === end)
        ?.submittedDay,
    };
  });
}

/** The end of the last period that is over on a day; undefined before the first is. */
export function lastCompleted(due: readonly ReportDue[], today: number): ReportDue | undefined {
  return due.findLast(({ periodEndDay }) => periodEndDay < today);
}
