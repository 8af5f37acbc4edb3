import { isPositive, type Money, toDollars, toDollarsUp } from '../../money/money.ts';
import {
  dearer,
  holdAmount,
  type Rate,
  rateLess,
  rateWithin,
  totalRate,
  withMargin,
  ZERO_RATE,
} from '../../money/rate.ts';
import type { Candidate } from '../candidates.ts';
import { plannedRate } from '../ladder.ts';
import type { Lifecycle, Purchasing } from '../launch.ts';
import { type ExecutionPlan, type PlanFinding, planError } from './plan.ts';

/** The job's size and time, of which its cost is made. */
export interface JobSize {
  /** Of the whole job. */
  readonly nodes: number;
  /** Absent: no time limit. */
  readonly seconds?: number | undefined;
  /** What each node costs an hour beside its instance: its volumes, where they count (COST-8). */
  readonly beside?: Rate | undefined;
}

/** What one node may cost an hour so that the whole job stays within a limit. */
export interface NodeCeilings {
  readonly rate?: Rate | undefined;
  /** Where on-demand takes the place of spot: `cost_tolerance` more. */
  readonly fallback?: Rate | undefined;
}

interface Limit {
  readonly code: 'plan_cost_hour' | 'plan_cost_total';
  readonly key: string;
  readonly limit: Money;
  readonly seconds: number;
}

const HOUR_SECONDS = 3600;

function limitsOf({ cost }: ExecutionPlan, size: JobSize): readonly Limit[] {
  const planned = cost.durationSeconds > 0 ? cost.durationSeconds : undefined;
  const seconds = size.seconds ?? planned;
  return [
    {
      code: 'plan_cost_hour' as const,
      key: 'max_cost_per_hour',
      limit: cost.perHour,
      seconds: HOUR_SECONDS,
    },
    { code: 'plan_cost_total' as const, key: 'max_total_cost', limit: cost.total, seconds },
  ].flatMap((each) =>
    each.seconds === undefined || !isPositive(each.limit)
      ? []
      : [{ ...each, seconds: each.seconds }],
  );
}

export function nodeCeilings(plan: ExecutionPlan, size: JobSize): NodeCeilings {
  const rates = limitsOf(plan, size).map(({ limit, seconds }) =>
    leftOf(rateWithin(limit, size.nodes, seconds), size),
  );
  const [first, ...others] = rates;
  if (first === undefined) {
    return {};
  }
  const rate = others.reduce((least, other) => (dearer(least, other) ? other : least), first);
  return { rate, fallback: withMargin(rate, plan.cost.tolerance) };
}

/** For the instance alone; not below 0. */
function leftOf(rate: Rate, { beside = ZERO_RATE }: JobSize): Rate {
  return dearer(rate, beside) ? rateLess(rate, beside) : ZERO_RATE;
}

/** The lifecycles that are bought, in the order in which they are tried. */
export function boughtAs(
  purchasing: Purchasing,
  spotFallback: 'on-demand' | 'none',
): readonly Lifecycle[] {
  if (purchasing !== 'spot') {
    return ['on-demand'];
  }
  return spotFallback === 'on-demand' ? ['spot', 'on-demand'] : ['spot'];
}

/** Refused when even the cheapest way to launch is above a limit; dearer ways are just not taken. */
export function checkCost(
  plan: ExecutionPlan,
  candidates: readonly Candidate[],
  buys: readonly Lifecycle[],
  size: JobSize,
): readonly PlanFinding[] {
  const rates = candidates.flatMap((candidate) =>
    buys
      .filter((lifecycle) => lifecycle === 'on-demand' || candidate.spot)
      .map((lifecycle) => plannedRate(candidate, lifecycle)),
  );
  const [first, ...others] = rates;
  if (first === undefined) {
    return [];
  }
  const least = others.reduce((low, other) => (dearer(low, other) ? other : low), first);
  return limitsOf(plan, size).flatMap(({ code, key, limit, seconds }) => {
    const { nodes } = size;
    const whole = totalRate([least, size.beside ?? ZERO_RATE]);
    if (!dearer(whole, rateWithin(limit, nodes, seconds))) {
      return [];
    }
    const cost = holdAmount({ nodes, rate: whole, seconds, factor: '1' });
    const message = `${nodes === 1 ? '1 node costs' : `${nodes} nodes cost`} at least ${toDollarsUp(cost)}, the plan allows ${toDollars(limit)}`;
    return [planError(code, { path: `cost_constraints.${key}`, message })];
  });
}
