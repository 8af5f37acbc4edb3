import { addDays, dayText } from '../grant/calendar.ts';
import { isPositive, type Money, minus, toDollars } from '../money/money.ts';
import {
  absoluteRatio,
  compared,
  divided,
  exactly,
  greater,
  NOTHING,
  type Ratio,
  subtracted,
  toCents,
  toFixed,
} from '../money/ratio.ts';
import type { Plan } from './plan.ts';
import type { Projection } from './project.ts';
import type { BurnMetrics } from './rate.ts';

/** What recommendations look at beside the figures. */
export interface Outlook {
  readonly metrics: BurnMetrics;
  readonly projection: Projection | undefined;
  /** What new jobs may still hold. */
  readonly available: Money;
  /** The next one that a schedule will post. */
  readonly nextAllocation?: { readonly day: number; readonly amount: Money } | undefined;
}

const NEAR_DAYS = 14;
const CONCERN_FROM = 10;
const CONCERN_TO = 20;

function dollars(micros: Ratio): string {
  return toDollars(toCents(micros));
}

function percent(value: Ratio): string {
  return `${toFixed(absoluteRatio(value), 1)}%`;
}

function reduceText(plan: Plan, spent: Money): string {
  const left = greater(NOTHING, exactly(minus(plan.input.budget, spent)));
  const days = plan.days - plan.elapsed;
  return days === 0
    ? `The budget is overspent by ${toDollars(minus(spent, plan.input.budget))}`
    : `Reduce spending to ${dollars(divided(left, exactly(days)))}/day to stay within the budget`;
}

function unusedText({ metrics, projection }: Outlook): string {
  const behind = subtracted(metrics.cumulativeExpected, exactly(metrics.cumulativeSpend));
  const amount = projection?.underrun ?? greater(NOTHING, behind);
  return `Spending is ${percent(metrics.variance)} below the expected rate: unused funds may lapse (${dollars(amount)})`;
}

/** In the order of budget.md 4.6; the first one is what a forecast says. */
export function recommendations(plan: Plan, outlook: Outlook): readonly string[] {
  const { metrics, projection, available, nextAllocation } = outlook;
  const { status, variance } = metrics;
  const isNearConcern =
    compared(variance, exactly(CONCERN_FROM)) >= 0 && compared(variance, exactly(CONCERN_TO)) <= 0;
  const isSoon =
    nextAllocation !== undefined && nextAllocation.day <= addDays(plan.input.today, NEAR_DAYS);
  const told = [
    projection === undefined && 'Not enough data',
    projection !== undefined &&
      compared(projection.overrun, NOTHING) > 0 &&
      reduceText(plan, metrics.cumulativeSpend),
    status === 'OVERSPENDING' &&
      `Spending is ${percent(variance)} above the expected rate: overspending`,
    isNearConcern &&
      `Spending is ${percent(variance)} above the expected rate: approaching the limit of concern`,
    status === 'UNDERSPENDING' && unusedText(outlook),
    !isPositive(available) && 'Nothing is available: new jobs are refused',
    isSoon &&
      `Next allocation: ${toDollars(nextAllocation.amount)} on ${dayText(nextAllocation.day)}`,
  ].flatMap((text) => (text === false ? [] : [text]));
  return told.length === 0 ? ['Spending is on track'] : told;
}
