import { dayText } from '../../core/grant/calendar.ts';
import type { DueDays, ReportDue } from '../../core/report/due.ts';
import { frameOf } from '../../core/report/frame.ts';
import type { DeadlineReport, GrantReport, Reports } from '../../ports/reports.ts';

export interface ReportDeadlinePorts {
  readonly reports: Pick<Reports, 'grants'>;
  /** `site.timezone`. */
  readonly zone: string;
  readonly settings: { readonly grant_management: { readonly report_due_days: DueDays } };
}

export interface ReportDeadlineAsk {
  readonly account?: string | undefined;
  readonly grant?: string | undefined;
  readonly today: number;
  /** YYYYMMDD; absent: the next one of each grant. */
  readonly toDay?: number | undefined;
  /** Every one that is to come. */
  readonly all: boolean;
}

const WORDS: Readonly<Record<ReportDue['kind'], string>> = {
  quarterly: 'Quarterly',
  semi_annual: 'Semi-annual',
  annual: 'Annual',
  final: 'Final',
};

function deadlineOf(
  { award }: GrantReport['figures'],
  { kind, periodEndDay, dueDay }: ReportDue,
): DeadlineReport {
  const end = dayText(periodEndDay);
  const done = `asbb grant report ${award.number} --end ${end} --mark-submitted YYYY-MM-DD`;
  return {
    isDerived: true,
    grantNumber: award.number,
    row: {
      deadlineId: 0,
      awardId: award.awardId,
      type: 'GRANT_REPORT',
      description: `${WORDS[kind]} to ${end}`,
      day: dueDay,
      budgetImpact: '',
      recommendations: [`when it is handed in: ${done}`],
      removed: false,
      createdUs: award.createdUs,
    },
  };
}

/** What is late stays until it is handed in; of what is to come, what was asked for. */
function wantedOf(due: readonly ReportDue[], ask: ReportDeadlineAsk): readonly ReportDue[] {
  const open = due.filter(({ submittedDay }) => submittedDay === undefined);
  const late = open.filter(({ dueDay }) => dueDay < ask.today);
  const ahead = open.filter(({ dueDay }) => dueDay >= ask.today);
  const { toDay } = ask;
  if (toDay !== undefined) {
    return [...late, ...ahead.filter(({ dueDay }) => dueDay <= toDay)];
  }
  return [...late, ...(ask.all ? ahead : ahead.slice(0, 1))];
}

/** Reports that grants owe (budget.md 8.6): until each is marked as handed in. */
export async function reportDeadlines(
  ask: ReportDeadlineAsk,
  { reports, zone, settings }: ReportDeadlinePorts,
): Promise<readonly DeadlineReport[]> {
  const { account, grant } = ask;
  const grants = await reports.grants({ numbers: grant === undefined ? undefined : [grant] });
  const dueDays = settings.grant_management.report_due_days;
  return grants
    .filter(
      ({ figures: { award, budgets } }) =>
        award.status !== 'cancelled' &&
        (account === undefined ||
          budgets.some(({ accountName, budget }) => accountName === account && !budget.closed)),
    )
    .flatMap(({ figures }) =>
      wantedOf(frameOf(figures, { zone, dueDays }).due, ask).map((due) => deadlineOf(figures, due)),
    );
}
