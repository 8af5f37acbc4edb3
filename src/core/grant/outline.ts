import { planOf } from '../burn/plan.ts';
import { type BurnMetrics, burnMetrics } from '../burn/rate.ts';
import { directPart } from '../money/fa.ts';
import { type Money, minus, plus, sum, ZERO } from '../money/money.ts';
import { addDays, dayOf, daysBetween } from './calendar.ts';
import { carryForward, type DaySpending, type PeriodFigures } from './carryover.ts';
import { carryoverOf } from './details.ts';
import { rateOn, standing } from './indirect.ts';
import { type GrantPlan, grantPeriods, type MonthSpan, monthSpan } from './periods.ts';
import { planWith } from './plan.ts';
import type { AwardRow, FaRateRow } from './rows.ts';
import type { AwardFigures } from './view.ts';

// What people read of a grant, made of its award's figures and of the sums kept a day.

/** What the award paid on a day (YYYYMMDD): jobs, F&A of jobs and entries, entries outside SLURM. */
export interface GrantCost {
  readonly day: number;
  readonly direct: Money;
  readonly fa: Money;
  readonly outside: Money;
}

/** Where the award's money is: authorised = unallocated + allotted + held + spent. */
export interface GrantFunds {
  readonly authorized: Money;
  /** With the award: neither with a budget nor spent. Not known of the past. */
  readonly unallocated: Money | undefined;
  /** Free on the budgets of accounts. Not known of the past. */
  readonly allotted: Money | undefined;
  /** With F&A. */
  readonly held: Money;
  /** Direct money of jobs; their F&A and that of entries; entries outside SLURM. */
  readonly direct: Money;
  readonly indirect: Money;
  readonly external: Money;
  readonly spent: Money;
  /** Of the whole award: total − spent − held. */
  readonly remaining: Money;
}

export interface GrantOutline {
  readonly award: AwardRow;
  readonly plan: GrantPlan;
  /** All that the award paid up to today, a day. */
  readonly spending: readonly DaySpending[];
  /** From the first to the last day now. */
  readonly span: MonthSpan;
  readonly periods: readonly PeriodFigures[];
  readonly current: PeriodFigures | undefined;
  /** The rate in force; before the first row that, later the last before. */
  readonly rate: FaRateRow | undefined;
  readonly directCosts: Money;
  readonly indirectCosts: Money;
  readonly funds: GrantFunds;
}

export interface Sight {
  /** YYYYMMDD in the site zone. */
  readonly today: number;
  /** Before the day it really is: what was held then is told by no kept sum, and counts as nothing. */
  readonly isPast: boolean;
  readonly zone: string;
}

/** Dates and amounts that the periods are made of; steps are supplements and reductions. */
export function grantPlan(figures: AwardFigures, zone: string): GrantPlan {
  return planWith(figures, (epochS) => dayOf(epochS, zone));
}

/** total / (1 + rate) to the cent, unless it was said; without a base all of it is direct. */
function directOf({ award }: AwardFigures, rate: FaRateRow | undefined): Money {
  if (award.direct !== undefined) {
    return award.direct;
  }
  const rateE4 = rate === undefined || rate.base === 'none' ? 0 : rate.rateE4;
  return directPart(award.total, rateE4);
}

function fundsOf(
  { award, left, budgets }: AwardFigures,
  costs: readonly GrantCost[],
  isPast: boolean,
): GrantFunds {
  const held = isPast ? ZERO : sum(budgets.map((budget) => plus(budget.held, budget.faHeld)));
  const direct = sum(costs.map((cost) => cost.direct));
  const indirect = sum(costs.map((cost) => cost.fa));
  const external = sum(costs.map((cost) => cost.outside));
  const spent = plus(plus(direct, indirect), external);
  return {
    authorized: award.amount,
    unallocated: isPast ? undefined : left,
    allotted: isPast ? undefined : sum(budgets.map((budget) => budget.free)),
    held,
    direct,
    indirect,
    external,
    spent,
    remaining: minus(minus(award.total, spent), held),
  };
}

/** A grant on a day. Costs of a later day count for the money that is left now, not for the past. */
export function outlineGrant(
  figures: AwardFigures,
  costs: readonly GrantCost[],
  { today, isPast, zone }: Sight,
): GrantOutline {
  const plan = grantPlan(figures, zone);
  const seen = isPast ? costs.filter(({ day }) => day <= today) : costs;
  const funds = fundsOf(figures, seen, isPast);
  const spending = seen.map(({ day, direct, fa, outside }) => ({
    day,
    amount: plus(plus(direct, fa), outside),
  }));
  const rate = rateOn(figures.rates, today) ?? standing(figures.rates)[0];
  const directCosts = directOf(figures, rate);
  const periods = carryForward(grantPeriods(plan), {
    policy: figures.award.carryover,
    approvals: figures.changes.filter(({ kind }) => kind === 'CARRYOVER').map(carryoverOf),
    spending,
    committed: funds.held,
    today,
  });
  return {
    award: figures.award,
    plan,
    spending,
    span: monthSpan(plan.startDay, plan.endDay),
    periods,
    current: periods.find(({ isCurrent }) => isCurrent),
    rate,
    directCosts,
    indirectCosts: minus(figures.award.total, directCosts),
    funds,
  };
}

/** What a period expects and spends a day: its own dates and amount, complete days only (budget.md 4.6). */
export function periodBurn(
  { period, committed, spent }: PeriodFigures,
  spending: readonly DaySpending[],
  today: number,
): BurnMetrics {
  const { startDay, endDay, amount } = period;
  const seen = Math.min(Math.max(today, startDay), addDays(endDay, 1));
  const plan = planOf({
    start: startDay,
    end: endDay,
    today: seen,
    budget: amount,
    used: spent,
    held: committed,
    days: spending.map(({ day, amount: on }) => ({ day, spent: on })),
  });
  return burnMetrics(plan, { from: startDay, to: seen, days: daysBetween(startDay, seen) });
}
