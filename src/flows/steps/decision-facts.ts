import type { Plan } from '../../core/burn/plan.ts';
import { type Projection, project } from '../../core/burn/project.ts';
import type { BurnMetrics } from '../../core/burn/rate.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { PayerState } from '../../core/decision/affordability.ts';
import { type BudgetStatus, budgetStatus } from '../../core/decision/budget-status.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import { dayOf, daysBetween, startOfDay } from '../../core/grant/calendar.ts';
import { heldIndirect } from '../../core/grant/indirect.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import { roomFor } from '../../core/ledger/fit.ts';
import { accountSums, type Sums } from '../../core/ledger/sums.ts';
import { isRunning, payerOf, unusable } from '../../core/ledger/usable.ts';
import type { PayerView, View } from '../../core/ledger/view.ts';
import type { Money } from '../../core/money/money.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { AlertReport, Reports } from '../../ports/reports.ts';
import type { Spender, Spending } from '../../ports/spending.ts';
import type { Clock, Log } from '../../ports/system.ts';
import { withDue } from './after-due.ts';
import { unknownAccount } from './ask-account.ts';
import { burnOf } from './burn-facts.ts';
import { oneGrant } from './find-grant.ts';

export interface DecisionPorts {
  readonly ledger: Ledger;
  readonly reports: Reports;
  readonly spending: Spending;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Settings;
  /** `site.timezone`. */
  readonly zone: string;
}

/** An account, or a grant, with what decisions are made of (budget.md 4.9). */
export interface DecisionFacts {
  readonly spender: Spender;
  readonly sums: Sums;
  readonly plan: Plan;
  readonly metrics: BurnMetrics;
  readonly projection: Projection | undefined;
  readonly status: BudgetStatus;
  readonly isUsable: boolean;
  /** YYYYMMDD in the site zone. */
  readonly today: number;
  readonly nowS: number;
  /** Of the grant that pays first, else of the account. */
  readonly startS: number;
  readonly endS: number;
  readonly daysRemaining: number;
}

export interface AccountFacts extends DecisionFacts {
  /** As the ledger shows it, with what is due by calendar when that is needed. */
  readonly view: View;
  readonly payer: PayerView;
}

const MICROS = 1_000_000;

interface Seen {
  readonly spender: Spender;
  readonly sums: Sums;
  readonly isUsable: boolean;
  /** Whose dates count. */
  readonly term: Pick<Spender, 'startS' | 'endS'>;
}

function factsOf(seen: Seen, nowS: number, zone: string): DecisionFacts {
  const { spender, sums, isUsable, term } = seen;
  const today = dayOf(nowS, zone);
  const { plan, metrics } = burnOf(spender, { day: today, isPast: false }, zone);
  const projection = project(plan);
  const { available } = sums;
  return {
    ...{ spender, sums, plan, metrics, projection, isUsable, today, nowS },
    status: budgetStatus({ isUsable, available, plan, metrics, projection }),
    startS: term.startS,
    endS: term.endS,
    daysRemaining: Math.max(0, daysBetween(today, dayOf(term.endS, zone))),
  };
}

async function grantOf(
  number: string | undefined,
  { spending }: DecisionPorts,
): Promise<Spender | undefined> {
  return number === undefined ? undefined : (await spending.grants({ names: [number] }))[0];
}

/** By a SLURM name. An account that may not be used is answered too. NOT_FOUND with a suggestion. */
export async function accountFacts(
  name: string,
  ports: DecisionPorts,
): Promise<AccountFacts | Refused> {
  if (name === '') {
    return invalid('account', 'account is required');
  }
  const periods = ports.settings.grant_management.enforce_period_budget;
  const view = await ports.ledger.read({ payer: { slurmAccount: name, periods } });
  const { payer, nowS } = view;
  const own = payer?.account.account.name ?? '';
  const [spender] = await ports.spending.accounts({ names: [own] });
  if (payer === undefined || spender === undefined) {
    const found = payerOf(view, name);
    return isRefused(found) && found.code !== 'NOT_FOUND'
      ? found
      : await unknownAccount(name, ports.reports);
  }
  const grant = await grantOf(spender.grantNumber, ports);
  const seen = {
    spender,
    sums: accountSums(payer.account),
    isUsable: unusable(payer, nowS) === undefined,
    term: grant ?? spender,
  };
  return { ...factsOf(seen, nowS, ports.zone), view, payer };
}

/** NOT_FOUND with a suggestion. */
export async function grantFacts(
  number: string,
  ports: DecisionPorts,
): Promise<DecisionFacts | Refused> {
  const report = await oneGrant(number, ports.reports);
  if (isRefused(report)) {
    return report;
  }
  const spender = await grantOf(number, ports);
  if (spender === undefined) {
    return invalid('grant_number', `grant ${number} has no terms`);
  }
  const nowS = Math.floor(ports.clock.nowUs() / MICROS);
  const { limit, used, held, available } = spender;
  const isUsable = isRunning(report.figures.award, nowS);
  const seen = { spender, sums: { limit, used, held, available }, isUsable, term: spender };
  return factsOf(seen, nowS, ports.zone);
}

function isRoom(view: View, hold: Money, { settings }: DecisionPorts): boolean {
  const { payer, nowS, today } = view;
  return (
    payer !== undefined &&
    !isRefused(
      roomFor(payer, {
        amount: hold,
        partitions: [],
        allowNegative: settings.budget.allow_negative_balance,
        ...{ nowS, today },
        faOf: (figures) => heldIndirect(figures, { taskAmount: hold, tasks: 1 }, today),
      }),
    )
  );
}

/** Would the real check let the hold pass? What is due by calendar is counted in, as there. */
export async function payerState(
  { view, status, isUsable, sums, plan }: AccountFacts,
  hold: Money,
  ports: DecisionPorts,
): Promise<PayerState> {
  const fits = isRoom(view, hold, ports) || isRoom(await withDue(view, ports), hold, ports);
  return {
    ...{ isUsable, status, fits },
    available: sums.available,
    allowNegative: ports.settings.budget.allow_negative_balance,
    daysKnown: plan.elapsed,
  };
}

/** Minutes from now; never negative. */
export function minutesTo(
  day: number,
  { nowS }: Pick<DecisionFacts, 'nowS'>,
  zone: string,
): number {
  return Math.max(0, Math.floor((startOfDay(day, zone) - nowS) / 60));
}

/** Gravest first. */
export async function activeAlerts(
  { spender, nowS }: DecisionFacts,
  { reports }: DecisionPorts,
): Promise<readonly AlertReport[]> {
  const { kind, name } = spender;
  const whose = kind === 'grant' ? { grantNumber: name } : { accountName: name };
  return await reports.alerts({ ...whose, statuses: ['active'], awakeAtS: nowS });
}
