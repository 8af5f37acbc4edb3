import type { Plan } from '../burn/plan.ts';
import { DAYS_NEEDED, type Projection } from '../burn/project.ts';
import type { BurnMetrics, HealthStatus } from '../burn/rate.ts';
import { exceeds, type Money, ZERO } from '../money/money.ts';
import { compared, exactly } from '../money/ratio.ts';
import { higher, type Level } from './levels.ts';

export type AccountDecision = 'EMERGENCY_ONLY' | 'PREFER_LOCAL' | 'PREFER_AWS' | 'EITHER';

/** An account (or the grant that pays it) as decisions see it. */
export interface BudgetState {
  /** budget.md 1.1, *usable*. */
  readonly isUsable: boolean;
  readonly available: Money;
  readonly plan: Plan;
  readonly metrics: BurnMetrics;
  /** Undefined with fewer than 7 complete days. */
  readonly projection: Projection | undefined;
}

export interface BudgetStatus {
  readonly risk: Level;
  readonly decision: AccountDecision;
  readonly canAffordBurst: boolean;
  readonly reasons: readonly string[];
}

const HEALTH_RISK: Readonly<Record<HealthStatus, Level>> = {
  HEALTHY: 'LOW',
  CONCERN: 'MEDIUM',
  WARNING: 'HIGH',
  CRITICAL: 'CRITICAL',
};

function isKnown({ plan }: Pick<BudgetState, 'plan'>): boolean {
  return plan.elapsed >= DAYS_NEEDED;
}

/** More was spent than planned up to today. */
function isAhead({ metrics }: Pick<BudgetState, 'metrics'>): boolean {
  return compared(exactly(metrics.cumulativeSpend), metrics.cumulativeExpected) > 0;
}

function riskOf(state: BudgetState): Level {
  if (!(state.isUsable && exceeds(state.available, ZERO))) {
    return 'CRITICAL';
  }
  const projected = isKnown(state) ? (state.projection?.risk ?? 'LOW') : 'LOW';
  // Underspending is no risk to what can be afforded.
  const health = isKnown(state) && isAhead(state) ? HEALTH_RISK[state.metrics.health] : 'LOW';
  return higher(projected, health);
}

function decisionOf(state: BudgetState, risk: Level): AccountDecision {
  switch (risk) {
    case 'CRITICAL':
      return 'EMERGENCY_ONLY';
    case 'HIGH':
    case 'MEDIUM':
      return 'PREFER_LOCAL';
    case 'LOW':
      return isKnown(state) && state.metrics.status === 'UNDERSPENDING' ? 'PREFER_AWS' : 'EITHER';
  }
}

function reasonsOf(state: BudgetState): readonly string[] {
  const { metrics, projection } = state;
  return [
    ...(state.isUsable ? [] : ['the account cannot be used now']),
    ...(exceeds(state.available, ZERO) ? [] : ['nothing is available']),
    ...(isKnown(state) ? [] : ['fewer than 7 days of spending are known']),
    ...(projection !== undefined && projection.risk !== 'LOW'
      ? [`spending would end ${projection.risk.toLowerCase()} above the budget`]
      : []),
    ...(isKnown(state) && isAhead(state) && metrics.health !== 'HEALTHY'
      ? [`budget health is ${metrics.health}`]
      : []),
    ...(isKnown(state) && metrics.status === 'UNDERSPENDING' ? ['spending is below the plan'] : []),
  ];
}

/** budget.md 4.9. */
export function budgetStatus(state: BudgetState): BudgetStatus {
  const risk = riskOf(state);
  const decision = decisionOf(state, risk);
  const reasons = reasonsOf(state);
  return {
    risk,
    decision,
    canAffordBurst: decision !== 'EMERGENCY_ONLY',
    reasons: reasons.length === 0 ? ['spending follows the plan'] : reasons,
  };
}
