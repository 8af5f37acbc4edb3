import { dayOf } from '../grant/calendar.ts';
import { grantPlan } from '../grant/outline.ts';
import { type GrantPeriod, grantPeriods } from '../grant/periods.ts';
import type { AwardFigures } from '../grant/view.ts';
import { type DueDays, type ReportDue, reportsDue } from './due.ts';

export interface Frame {
  readonly grantStartDay: number;
  readonly grantEndDay: number;
  readonly periods: readonly GrantPeriod[];
  readonly due: readonly ReportDue[];
}

/** Dates of a grant: its periods, and its reports with what was handed in. */
export function frameOf(
  figures: AwardFigures,
  { zone, dueDays }: { readonly zone: string; readonly dueDays: DueDays },
): Frame {
  const periods = grantPeriods(grantPlan(figures, zone));
  const grantStartDay = dayOf(figures.award.startS, zone);
  const grantEndDay = dayOf(figures.award.endS, zone);
  const award = {
    startDay: grantStartDay,
    endDay: grantEndDay,
    frequency: figures.award.reportFrequency,
    periodEnds: periods.map(({ endDay }) => endDay),
  };
  return { grantStartDay, grantEndDay, periods, due: reportsDue(award, figures.reports, dueDays) };
}
