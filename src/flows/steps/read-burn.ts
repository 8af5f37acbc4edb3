import { MONTH_DAYS, type Period, parsePeriod } from '../../core/burn/period.ts';
import { type Plan, planOf } from '../../core/burn/plan.ts';
import { type BurnMetrics, burnMetrics, windowOf } from '../../core/burn/rate.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import { type Money, sum } from '../../core/money/money.ts';
import {
  type AsOf,
  asOfDay,
  type BurnPorts,
  burnInput,
  findTarget,
  type Target,
  type TargetKind,
  withAllCosts,
} from './burn-facts.ts';

/** As a person writes it. */
export interface BurnQuery {
  readonly target: string;
  /** Absent: a grant, else an account. */
  readonly kind?: TargetKind | undefined;
  /** `30d`, `6m`; absent: 30 days. */
  readonly period?: string | undefined;
  readonly asOf?: string | undefined;
  /** An account with everything below it. */
  readonly tree?: boolean | undefined;
  /** A grant with what was booked outside SLURM. */
  readonly allCosts?: boolean | undefined;
}

export interface BurnReading extends Target {
  /** Booked outside SLURM: in what remains, but in no rate (budget.md 4.6). */
  readonly outside: Money;
  readonly asOf: AsOf;
  readonly period: Period;
  readonly plan: Plan;
  readonly metrics: BurnMetrics;
}

/** The target and its figures. NOT_FOUND, VALIDATION_ERROR. */
export async function readBurn(query: BurnQuery, ports: BurnPorts): Promise<BurnReading | Refused> {
  const period = query.period === undefined ? MONTH_DAYS : parsePeriod(query.period);
  if (period === undefined) {
    return invalid(
      'period',
      `--period ${(query.period ?? '').slice(0, 40)}: not a period`,
      'use 7d, 30d, 90d, 6m, 1y or any number of d, w, m or y',
    );
  }
  const asOf = asOfDay(query.asOf, ports);
  if (isRefused(asOf)) {
    return asOf;
  }
  const target = await findTarget(query.target, query, ports);
  if (isRefused(target)) {
    return target;
  }
  if (query.allCosts === true && target.spender.kind === 'account') {
    const text = `--all-costs counts the entries of a grant; ${target.spender.name} is an account`;
    return invalid('all_costs', text, 'leave --all-costs out');
  }
  const spender = query.allCosts === true ? withAllCosts(target.spender) : target.spender;
  const input = burnInput(spender, asOf, ports.zone);
  const plan = planOf(input);
  const known = spender.outside.filter(({ day }) => !asOf.isPast || day < asOf.day);
  const outside = sum(known.map(({ spent }) => spent));
  return {
    ...target,
    spender,
    outside,
    asOf,
    period,
    plan,
    metrics: burnMetrics(plan, windowOf(input, period)),
  };
}
