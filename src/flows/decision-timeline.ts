import {
  type Deadline,
  recommendedSpend,
  type Timeline,
  timeline,
} from '../core/decision/timeline.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { addDays, dayOf } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { NOTHING, type Ratio } from '../core/money/ratio.ts';
import type { AlertReport } from '../ports/reports.ts';
import {
  accountFacts,
  activeAlerts,
  type DecisionFacts,
  type DecisionPorts,
  grantFacts,
} from './steps/decision-facts.ts';
import { sightOf } from './steps/grant-sight.ts';
import { reportDeadlines } from './steps/report-deadlines.ts';

const LOOK_AHEAD_DAYS = 90;
const LOOK_AHEAD_MAX = 1095;

export interface TimelineQuery {
  /** One of the two. */
  readonly account?: string | undefined;
  readonly grant?: string | undefined;
  /** 1 to 1095; absent: 90. */
  readonly lookAheadDays?: number | undefined;
}

/** The budget period that it is in; without a grant the account's own days are the only one. */
interface Current {
  readonly number: number;
  readonly count: number;
  readonly endDay: number;
}

export interface TimelineAnswer extends DecisionFacts {
  readonly answer: Timeline;
  readonly grantNumber: string | undefined;
  readonly current: Current;
  /** Micro-dollars: what may go in the next 30 days. */
  readonly recommended: Ratio;
  readonly alerts: readonly AlertReport[];
}

async function currentOf(
  number: string | undefined,
  facts: DecisionFacts,
  { reports, zone }: DecisionPorts,
): Promise<Current> {
  const [report] =
    number === undefined ? [] : await reports.grants({ numbers: [number], days: true });
  const sight = report && sightOf(report, { day: facts.today, isPast: false }, zone);
  const periods = sight?.outline.periods ?? [];
  const current = sight?.outline.current?.period;
  return current === undefined
    ? { number: 1, count: 1, endDay: dayOf(facts.endS, zone) }
    : { number: current.number, count: periods.length, endDay: current.endDay };
}

async function deadlinesOf(
  {
    facts,
    current,
    number,
  }: { facts: DecisionFacts; current: Current; number: string | undefined },
  toDay: number,
  ports: DecisionPorts,
): Promise<readonly Deadline[]> {
  const { today, spender } = facts;
  const whose = spender.kind === 'grant' ? { grantNumber: number } : { accountName: spender.name };
  const kept = await ports.reports.deadlines({ ...whose, fromDay: today, toDay });
  const ofGrant =
    number === undefined || spender.kind === 'grant'
      ? []
      : await ports.reports.deadlines({ grantNumber: number, fromDay: today, toDay });
  const stored = new Map([...kept, ...ofGrant].map(({ row }) => [row.deadlineId, row]));
  const owed =
    number === undefined
      ? []
      : await reportDeadlines({ grant: number, today, toDay, all: false }, ports);
  const rows = [...stored.values(), ...owed.map(({ row }) => row)];
  const end = dayOf(facts.endS, ports.zone);
  return [
    {
      kind: 'PERIOD_END',
      description: `Budget period ${current.number} of ${current.count} ends`,
      day: current.endDay,
    },
    ...(number === undefined
      ? []
      : [{ kind: 'RENEWAL' as const, description: `Grant ${number} ends`, day: end }]),
    ...rows.map(({ type, description, day }) => ({ kind: type, description, day })),
  ];
}

/** 4.10, timeline of a grant, or of an account with the dates of the grant that pays it. */
export async function showTimeline(
  query: TimelineQuery,
  ports: DecisionPorts,
): Promise<TimelineAnswer | Refused> {
  const { account, grant, lookAheadDays = LOOK_AHEAD_DAYS } = query;
  if ((account === undefined) === (grant === undefined)) {
    return invalid('account', 'give one of account and grant_number');
  }
  if (
    !(Number.isSafeInteger(lookAheadDays) && lookAheadDays >= 1 && lookAheadDays <= LOOK_AHEAD_MAX)
  ) {
    return invalid('look_ahead_days', `look_ahead_days is between 1 and ${LOOK_AHEAD_MAX}`);
  }
  const facts: DecisionFacts | Refused =
    grant === undefined ? await accountFacts(account ?? '', ports) : await grantFacts(grant, ports);
  if (isRefused(facts)) {
    return facts;
  }
  const number = grant ?? facts.spender.grantNumber;
  const current = await currentOf(number, facts, ports);
  const { plan, status, metrics, projection, today, sums } = facts;
  const toDay = addDays(today, lookAheadDays);
  const deadlines = await deadlinesOf({ facts, current, number }, toDay, ports);
  return {
    ...facts,
    grantNumber: number,
    current,
    recommended: recommendedSpend(plan, sums.available),
    alerts: await activeAlerts(facts, ports),
    answer: timeline({
      ...{ plan, status, deadlines, lookAheadDays },
      isUnderspending: projection !== undefined && metrics.status === 'UNDERSPENDING',
      rate: projection?.rate ?? NOTHING,
      periodEnd: current.endDay,
    }),
  };
}
