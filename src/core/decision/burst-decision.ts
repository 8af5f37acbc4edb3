import { exceeds, type Money, minus, plus, ZERO } from '../money/money.ts';
import {
  absoluteRatio,
  added,
  compared,
  divided,
  exactly,
  fraction,
  greater,
  lesser,
  multiplied,
  NOTHING,
  type Ratio,
  subtracted,
} from '../money/ratio.ts';
import {
  budgetRiskOf,
  deadlineRiskOf,
  impactOf,
  isAffordable,
  type JobToDecide,
  opportunityOf,
  overallRiskOf,
  type PayerState,
} from './affordability.ts';
import {
  clamped,
  costFactor,
  daysOf,
  type Level,
  levelAt,
  type Phase,
  type Priority,
  part,
  pressureOf,
  rankOf,
  urgencyOf,
  ZERO_TO_ONE,
} from './levels.ts';

export type BurstAction = 'LOCAL' | 'AWS' | 'DEFER' | 'OPTIMIZE';

/** budget.md 4.10, burst decision. `deadlineMinutes`: the earlier of the job's and the conference's. */
export interface BurstJob extends JobToDecide {
  readonly phase?: Phase | undefined;
  readonly isCollaboration: boolean;
}

export interface BurstPayer extends PayerState {
  /** 4.6, 0 to 100. */
  readonly healthScore: Ratio;
  /** More was spent than planned up to today. */
  readonly isAhead: boolean;
  /** r of the projection, micro-dollars a day; 0 when it is not known. */
  readonly dailyRate: Ratio;
  readonly daysRemaining: number;
  /** The next allocation: minutes from now, and how much. */
  readonly nextAllocation?: { readonly minutes: number; readonly amount: Money } | undefined;
}

export interface DecisionFactor {
  readonly factor: 'Deadline Pressure' | 'Budget Health' | 'Cost Efficiency';
  readonly weight: string;
  readonly value: Ratio;
  readonly impact: 'POSITIVE' | 'NEGATIVE' | 'NEUTRAL';
}

export interface BurstDecision {
  readonly action: BurstAction;
  readonly confidence: Ratio;
  readonly urgency: Level;
  /** Percent of what is available. */
  readonly impact: Ratio;
  /** S. */
  readonly score: Ratio;
  readonly affordabilityScore: Ratio;
  /** Micro-dollars an hour saved. */
  readonly costEfficiency: Ratio;
  /** P. */
  readonly pressure: Ratio;
  readonly budgetRisk: Level;
  readonly deadlineRisk: Level;
  readonly overallRisk: Level;
  readonly grantRisk: Level;
  readonly grantHealthImpact: 'MINIMAL' | 'MODERATE' | 'SIGNIFICANT' | 'SEVERE';
  /** Micro-dollars. */
  readonly preservation: Ratio;
  readonly factors: readonly DecisionFactor[];
}

const PRIORITY_BOOST: Readonly<Record<Priority, string>> = {
  low: '0',
  normal: '0',
  high: '0.10',
  critical: '0.20',
  emergency: '0.30',
};
const PHASE_BOOST: Readonly<Record<Phase, string>> = {
  EXPLORATION: '-0.10',
  DEVELOPMENT: '0',
  VALIDATION: '0.10',
  PUBLICATION: '0.15',
};
const LEVELS_UP: Readonly<Partial<Record<Priority, number>>> = { critical: 1, emergency: 2 };
const TEAM = fraction('0.05');
const LEANING = { PREFER_AWS: '0.10', PREFER_LOCAL: '-0.10', EITHER: '0', EMERGENCY_ONLY: '0' };
const HUNDRED = exactly(100);
const MONTH_MINUTES = 30 * 1440;
const MONTH_DAYS = 30;
const IMPACTS = [
  [10, 'MINIMAL'],
  [25, 'MODERATE'],
  [50, 'SIGNIFICANT'],
] as const;

function pressure({ deadlineMinutes, priority, phase, isCollaboration }: BurstJob): Ratio {
  const base = deadlineMinutes === undefined ? NOTHING : pressureOf(daysOf(deadlineMinutes));
  const boosts = [
    fraction(PRIORITY_BOOST[priority]),
    phase === undefined ? NOTHING : fraction(PHASE_BOOST[phase]),
    isCollaboration ? TEAM : NOTHING,
  ];
  return clamped(boosts.reduce(added, base), ZERO_TO_ONE.least, ZERO_TO_ONE.most);
}

function health({ status, isAhead, healthScore }: BurstPayer): Ratio {
  if (status.decision === 'EMERGENCY_ONLY') {
    return NOTHING;
  }
  return isAhead ? divided(healthScore, HUNDRED) : exactly(1);
}

/** Does the next allocation come in time, and is it enough? */
function comesInTime({ hold, deadlineMinutes }: BurstJob, payer: BurstPayer): boolean {
  const next = payer.nextAllocation;
  return (
    next !== undefined &&
    next.minutes <= (deadlineMinutes ?? MONTH_MINUTES) &&
    !exceeds(hold, plus(payer.available, next.amount))
  );
}

interface Measures {
  readonly pressure: Ratio;
  readonly score: Ratio;
}

function isAtLeast(value: Ratio, least: string): boolean {
  return compared(value, fraction(least)) >= 0;
}

function unaffordable(job: BurstJob, payer: BurstPayer, measures: Measures): BurstAction {
  if (comesInTime(job, payer)) {
    return 'DEFER';
  }
  return isAtLeast(measures.pressure, '0.8') ? 'OPTIMIZE' : 'LOCAL';
}

function affordable(job: BurstJob, payer: BurstPayer, measures: Measures): BurstAction {
  const isUrgent = job.priority === 'critical' || job.priority === 'emergency';
  const isKept = payer.status.decision === 'EMERGENCY_ONLY';
  if (isKept && !isUrgent && !isAtLeast(measures.pressure, '0.8')) {
    return 'LOCAL';
  }
  if (isAtLeast(measures.score, '0.65')) {
    return 'AWS';
  }
  return isAtLeast(measures.score, '0.45') && isAtLeast(measures.pressure, '0.3')
    ? 'OPTIMIZE'
    : 'LOCAL';
}

function factor(name: DecisionFactor['factor'], weight: string, value: Ratio): DecisionFactor {
  const impact = isAtLeast(value, '0.7') ? 'POSITIVE' : 'NEUTRAL';
  return {
    factor: name,
    weight,
    value,
    impact: compared(value, fraction('0.4')) < 0 ? 'NEGATIVE' : impact,
  };
}

function urgency({ deadlineMinutes, priority }: BurstJob): Level {
  const base = deadlineMinutes === undefined ? 'LOW' : urgencyOf(daysOf(deadlineMinutes));
  return levelAt(rankOf(base) + (LEVELS_UP[priority] ?? 0));
}

/** What remains of the budget after the hold, as a part of it. */
function affordabilityScore(hold: Money, available: Money, isPaid: boolean): Ratio {
  return isPaid && exceeds(available, ZERO)
    ? greater(NOTHING, divided(exactly(minus(available, hold)), exactly(available)))
    : NOTHING;
}

export function burstDecision(job: BurstJob, payer: BurstPayer): BurstDecision {
  const isPaid = isAffordable(job, payer);
  const impact = impactOf(job.cost, payer.available);
  const [p, h, c] = [pressure(job), health(payer), costFactor(impact)];
  const parts = [part('0.4', p), part('0.3', h), part('0.3', c)];
  const score = parts.reduce(added, fraction(LEANING[payer.status.decision]));
  const measures = { pressure: p, score };
  const distance = absoluteRatio(subtracted(score, fraction('0.55')));
  const budgetRisk = budgetRiskOf(isPaid, impact);
  const deadlineRisk = deadlineRiskOf(job);
  const month = exactly(Math.min(MONTH_DAYS, payer.daysRemaining));
  return {
    action: isPaid ? affordable(job, payer, measures) : unaffordable(job, payer, measures),
    confidence: isPaid
      ? clamped(added(fraction('0.5'), distance), fraction('0.5'), fraction('0.95'))
      : fraction('0.95'),
    urgency: urgency(job),
    impact,
    score,
    affordabilityScore: affordabilityScore(job.hold, payer.available, isPaid),
    costEfficiency: opportunityOf(job),
    pressure: p,
    budgetRisk,
    deadlineRisk,
    overallRisk: overallRiskOf(budgetRisk, deadlineRisk),
    grantRisk: payer.status.risk,
    grantHealthImpact:
      IMPACTS.find(([below]) => compared(impact, exactly(below)) < 0)?.[1] ?? 'SEVERE',
    preservation: greater(
      NOTHING,
      lesser(exactly(payer.available), multiplied(payer.dailyRate, month)),
    ),
    factors: [
      factor('Deadline Pressure', '0.4', p),
      factor('Budget Health', '0.3', h),
      factor('Cost Efficiency', '0.3', c),
    ],
  };
}
