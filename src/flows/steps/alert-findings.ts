import { accountFindings, UNUSUAL_DAYS } from '../../core/alerts/account-rules.ts';
import type {
  FailedHold,
  Finding,
  Owner,
  PlanCost,
  SpenderFacts,
  Thresholds,
} from '../../core/alerts/facts.ts';
import { grantFindings } from '../../core/alerts/grant-rules.ts';
import { spenderFindings } from '../../core/alerts/spender-rules.ts';
import { project } from '../../core/burn/project.ts';
import type { Settings } from '../../core/config/settings.ts';
import { assert } from '../../core/errors.ts';
import { dayOf } from '../../core/grant/calendar.ts';
import { recipientPart, WHOLLY_FEDERAL_E4 } from '../../core/money/fa.ts';
import { type Money, minus, parseAmount, plus, sum, ZERO } from '../../core/money/money.ts';
import { entriesOf, entrySum } from '../../core/report/entries.ts';
import { frameOf } from '../../core/report/frame.ts';
import type { AlertAccount, AlertFacts } from '../../ports/alert-facts.ts';
import type { GrantReport, Reports } from '../../ports/reports.ts';
import type { Spender, Spending } from '../../ports/spending.ts';
import type { Clock } from '../../ports/system.ts';
import { type AsOf, burnOf } from './burn-facts.ts';
import { sightOf } from './grant-sight.ts';

export interface FindingPorts {
  readonly spending: Spending;
  readonly reports: Pick<Reports, 'grants' | 'alerts'>;
  readonly alertFacts: AlertFacts;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly settings: Settings;
  /** `site.timezone`. */
  readonly zone: string;
}

/** Absent names: everybody. */
export interface Scope {
  readonly accountNames?: readonly string[] | undefined;
  readonly grantNumbers?: readonly string[] | undefined;
}

export interface Found {
  readonly findings: readonly Finding[];
  readonly looked: readonly Owner[];
}

const MICROS = 1_000_000;
const MS_PER_SECOND = 1000;
const DAY_S = 86_400;
/** What an unusual job is compared with: at most so many jobs of so many days. */
const SAMPLE_DAYS = 90;
const SAMPLE_MAX = 400;

function thresholdsOf({ grant_management, budget }: Settings): Thresholds {
  const { unusual_job_least, ...limits } = grant_management.alert_thresholds;
  const unusualLeast = parseAmount(unusual_job_least);
  assert(unusualLeast !== undefined, 'the configuration was checked');
  return {
    ...limits,
    unusualLeast,
    staleAfterS: Math.ceil(budget.reconciliation_timeout / MS_PER_SECOND),
  };
}

function factsOf(
  spender: Spender,
  isActive: boolean,
  { day, zone }: { readonly day: number; readonly zone: string },
): SpenderFacts {
  const asOf: AsOf = { day, isPast: false };
  const { plan, metrics } = burnOf(spender, asOf, zone);
  const { kind, id, name, budget, used, held, available } = spender;
  const isInTime = plan.input.start <= day && day <= plan.end;
  return {
    owner: { kind, id, name },
    today: day,
    endDay: plan.end,
    isRunning: isActive && isInTime,
    ...{ budget, used, held, available, plan, metrics },
    projection: project(plan),
  };
}

/** What a closed period of a grant that may carry nothing over has lost: of the last one only. */
function lostOf(
  sight: ReturnType<typeof sightOf>,
): { readonly period: number; readonly amount: Money } | undefined {
  const { award, periods } = sight.outline;
  const closed = periods.findLast(({ period }) => period.endDay < sight.today);
  const isLast = closed === periods.at(-1);
  return award.carryover !== 'none' || closed === undefined || isLast
    ? undefined
    : { period: closed.period.number, amount: closed.unspent };
}

function grantRules(
  report: GrantReport,
  asOf: AsOf,
  { zone, settings }: FindingPorts,
): readonly Finding[] {
  const { award, left, budgets } = report.figures;
  const sight = sightOf(report, asOf, zone);
  const dueDays = settings.grant_management.report_due_days;
  const frame = frameOf(report.figures, { zone, dueDays });
  const { current } = sight.outline;
  const isOver = award.closedUs !== undefined || award.status === 'cancelled';
  const obligations = entriesOf(report.figures.entries, 'obligation', 'federal');
  const late = report.days.filter(({ day }) => day > frame.grantEndDay);
  return grantFindings({
    owner: { kind: 'grant', id: award.awardId, name: award.number },
    today: asOf.day,
    endDay: frame.grantEndDay,
    isOpen: !isOver && frame.grantStartDay <= asOf.day,
    period: current && { number: current.period.number, endDay: current.period.endDay },
    due: award.status === 'cancelled' ? [] : frame.due,
    spentAfterEnd: sum(late.map(({ direct, fa }) => plus(direct, fa))),
    unobligated: minus(
      sum([
        left,
        report.shared,
        ...budgets.map(({ free }) => free),
        ...budgets.map(({ account, held, faHeld }) =>
          recipientPart(plus(held, faHeld), account.federalShareE4 ?? WHOLLY_FEDERAL_E4),
        ),
      ]),
      entrySum(obligations),
    ),
    lost: lostOf(sight),
  });
}

/** What reconcile and recover have written down for the alerts, by account. */
export interface Noted {
  readonly failed: ReadonlyMap<string, readonly FailedHold[]>;
  readonly plans: ReadonlyMap<string, readonly PlanCost[]>;
}

function accountRules(
  account: AlertAccount,
  { failed, plans }: Noted,
  { budget, nowS, thresholds }: AccountContext,
): readonly Finding[] {
  const { accountId: id, name, endedSchedules, shortSchedules, staleHolds, jobs } = account;
  return accountFindings(
    {
      owner: { kind: 'account', id, name },
      nowS,
      ...{ endedSchedules, shortSchedules, staleHolds, jobs, budget },
      failedHolds: failed.get(name) ?? [],
      planCosts: plans.get(name) ?? [],
    },
    thresholds,
  );
}

interface AccountContext {
  readonly budget: Money;
  readonly nowS: number;
  readonly thresholds: Thresholds;
}

/** Every rule of budget.md 4.8 for these accounts and grants, on what stands now. */
export async function findAlerts(scope: Scope, noted: Noted, ports: FindingPorts): Promise<Found> {
  const { zone, settings } = ports;
  const thresholds = thresholdsOf(settings);
  const nowS = Math.floor(ports.clock.nowUs() / MICROS);
  const asOf: AsOf = { day: dayOf(nowS, zone), isPast: false };
  const on = { day: asOf.day, zone };
  const { accountNames, grantNumbers } = scope;
  const isBurning = settings.grant_management.burn_rate_monitoring;
  const accounts = await ports.alertFacts.accounts({
    names: accountNames,
    staleBeforeS: nowS - thresholds.staleAfterS,
    jobsFromUs: (nowS - (SAMPLE_DAYS + UNUSUAL_DAYS) * DAY_S) * MICROS,
    jobsMax: SAMPLE_MAX,
  });
  const spenders = new Map(
    (await ports.spending.accounts({ names: accountNames })).map((each) => [each.name, each]),
  );
  const ofAccounts = accounts.flatMap((account) => {
    const spender = spenders.get(account.name);
    const context = { budget: spender?.budget ?? ZERO, nowS, thresholds };
    const own = accountRules(account, noted, context);
    return spender === undefined || !isBurning
      ? own
      : [...spenderFindings(factsOf(spender, account.status === 'active', on), thresholds), ...own];
  });
  const grants = await ports.reports.grants({
    numbers: grantNumbers,
    days: true,
    entries: true,
  });
  const granted = new Map(
    (await ports.spending.grants({ names: grantNumbers })).map((each) => [each.name, each]),
  );
  const ofGrants = grants.flatMap((report) => {
    const { number, status } = report.figures.award;
    const spender = granted.get(number);
    return [
      ...(spender === undefined || !isBurning
        ? []
        : spenderFindings(factsOf(spender, status === 'active', on), thresholds)),
      ...grantRules(report, asOf, ports),
    ];
  });
  return {
    findings: [...ofAccounts, ...ofGrants],
    looked: [
      ...accounts.map(({ accountId: id, name }): Owner => ({ kind: 'account', id, name })),
      ...grants.map(
        ({ figures: { award } }): Owner => ({
          kind: 'grant',
          id: award.awardId,
          name: award.number,
        }),
      ),
    ],
  };
}
