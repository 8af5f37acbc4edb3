import { exceeds, type Money, ZERO } from '../money/money.ts';
import {
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
import type { BudgetStatus } from './budget-status.ts';
import {
  costFactor,
  daysOf,
  type Level,
  levelAt,
  type Priority,
  part,
  pressureOf,
  rankOf,
} from './levels.ts';

/** A job that could burst (budget.md 4.10). Times in minutes. */
export interface JobToDecide {
  readonly cost: Money;
  /** What would be held for it. */
  readonly hold: Money;
  /** 0: not known. */
  readonly localMinutes: number;
  /** Absent: half of the local time. */
  readonly awsMinutes?: number | undefined;
  /** From now; undefined: no deadline. */
  readonly deadlineMinutes?: number | undefined;
  readonly priority: Priority;
}

/** Who would pay. */
export interface PayerState {
  readonly isUsable: boolean;
  readonly available: Money;
  readonly allowNegative: boolean;
  /** What the real check would say of the hold, where it was asked; absent: what is available decides. */
  readonly fits?: boolean | undefined;
  readonly status: BudgetStatus;
  /** Complete days of spending that are known. */
  readonly daysKnown: number;
}

export type JobDecision = 'LOCAL' | 'AWS' | 'EITHER';

export interface Alternative {
  readonly option: 'LOCAL' | 'AWS_SPOT' | 'AWS_ONDEMAND';
  /** Micro-dollars. */
  readonly cost: Ratio;
  readonly minutes: Ratio;
  readonly risk: Level;
  /** 0 to 1. */
  readonly score: Ratio;
}

export interface Affordability {
  readonly affordable: boolean;
  readonly decision: JobDecision;
  readonly confidence: Ratio;
  /** Percent of what is available. */
  readonly impact: Ratio;
  readonly budgetRisk: Level;
  readonly deadlineRisk: Level;
  readonly overallRisk: Level;
  /** Micro-dollars an hour saved; 0 when no time is saved. */
  readonly opportunity: Ratio;
  readonly awsMinutes: Ratio;
  readonly factors: {
    readonly costEfficiency: Ratio;
    readonly deadlinePressure: Ratio;
    readonly budgetHealth: 'good' | 'fair' | 'poor' | 'critical';
  };
  readonly alternatives: readonly Alternative[];
  readonly reasons: readonly string[];
}

const HUNDRED = exactly(100);
const HALF = fraction('0.5');
const SIXTY = exactly(60);
const ONE = exactly(1);
const IMPACTS: readonly (readonly [most: number, level: Level])[] = [
  [10, 'LOW'],
  [25, 'MEDIUM'],
  [50, 'HIGH'],
];
const DAY_MINUTES = 1440;
const WEEK_MINUTES = 10_080;
const CONFIDENCES: readonly (readonly [days: number, confidence: string])[] = [
  [30, '0.85'],
  [7, '0.70'],
  [0, '0.50'],
];
const HEALTH = { LOW: 'good', MEDIUM: 'fair', HIGH: 'poor', CRITICAL: 'critical' } as const;
const SPOT_SLOWER = '1.2';

/** Percent of what is available: 100 of nothing. */
export function impactOf(cost: Money, available: Money): Ratio {
  if (!exceeds(available, ZERO)) {
    return exceeds(cost, ZERO) ? HUNDRED : NOTHING;
  }
  return multiplied(divided(exactly(cost), exactly(available)), HUNDRED);
}

/** The same test that the real check will make. */
export function isAffordable(
  { hold }: Pick<JobToDecide, 'hold'>,
  { isUsable, available, allowNegative, fits }: Omit<PayerState, 'status' | 'daysKnown'>,
): boolean {
  return isUsable && (fits ?? (allowNegative || !exceeds(hold, available)));
}

function awsMinutesOf({ awsMinutes, localMinutes }: JobToDecide): Ratio {
  return awsMinutes === undefined ? multiplied(exactly(localMinutes), HALF) : exactly(awsMinutes);
}

export function budgetRiskOf(affordable: boolean, impact: Ratio): Level {
  return affordable
    ? (IMPACTS.find(([most]) => compared(impact, exactly(most)) <= 0)?.[1] ?? 'CRITICAL')
    : 'CRITICAL';
}

export function deadlineRiskOf({ deadlineMinutes: left, localMinutes: local }: JobToDecide): Level {
  if (left === undefined) {
    return 'LOW';
  }
  if (left <= 0 || local >= left) {
    return 'CRITICAL';
  }
  if (local * 2 >= left || left < DAY_MINUTES) {
    return 'HIGH';
  }
  return local * 4 >= left || left <= WEEK_MINUTES ? 'MEDIUM' : 'LOW';
}

export function overallRiskOf(budget: Level, deadline: Level): Level {
  return budget === 'CRITICAL' || deadline === 'CRITICAL'
    ? 'CRITICAL'
    : levelAt(Math.floor((rankOf(budget) + rankOf(deadline)) / 2));
}

/** Micro-dollars an hour that bursting saves; 0 when it saves none. */
export function opportunityOf(job: JobToDecide): Ratio {
  const saved = divided(subtracted(exactly(job.localMinutes), awsMinutesOf(job)), SIXTY);
  return compared(saved, NOTHING) <= 0 ? NOTHING : divided(exactly(job.cost), saved);
}

interface Weighed {
  readonly affordable: boolean;
  readonly budgetRisk: Level;
  readonly deadlineRisk: Level;
}

type Rule = readonly [
  when: (job: JobToDecide, payer: PayerState, weighed: Weighed) => boolean,
  then: (job: JobToDecide, payer: PayerState, weighed: Weighed) => JobDecision,
  why: string,
];

function isHigh(level: Level): boolean {
  return rankOf(level) >= rankOf('HIGH');
}

/** The first that matches decides (budget.md 4.10). */
const RULES: readonly Rule[] = [
  [(_job, _payer, { affordable }) => !affordable, () => 'LOCAL', 'the budget cannot pay it'],
  [(_job, _payer, { deadlineRisk }) => isHigh(deadlineRisk), () => 'AWS', 'the deadline is near'],
  [
    (_job, { status }) => status.decision === 'EMERGENCY_ONLY',
    ({ priority }) => (priority === 'emergency' ? 'AWS' : 'LOCAL'),
    'the account is kept for emergencies',
  ],
  [
    ({ priority }, _payer, { budgetRisk }) =>
      (priority === 'critical' || priority === 'emergency') && !isHigh(budgetRisk),
    () => 'AWS',
    'the job is urgent and the budget bears it',
  ],
  [
    (_job, _payer, { budgetRisk }) => isHigh(budgetRisk),
    () => 'LOCAL',
    'it would take much of the budget',
  ],
  [
    (_job, { status }) => status.decision === 'PREFER_LOCAL',
    ({ priority }, _payer, { budgetRisk, deadlineRisk }) =>
      priority === 'high' && budgetRisk === 'LOW' && deadlineRisk === 'MEDIUM' ? 'AWS' : 'LOCAL',
    'the account prefers local nodes',
  ],
  [(_job, _payer, { budgetRisk }) => budgetRisk === 'LOW', () => 'AWS', 'it costs little'],
  [() => true, () => 'EITHER', 'nothing speaks against either'],
];

function scoreOf(cost: Ratio, minutes: Ratio, available: Money, longest: Ratio): Ratio {
  const rest = exceeds(available, ZERO)
    ? greater(NOTHING, subtracted(ONE, divided(cost, exactly(available))))
    : NOTHING;
  const faster =
    compared(longest, NOTHING) === 0 ? NOTHING : subtracted(ONE, divided(minutes, longest));
  return added(part('0.6', rest), part('0.4', faster));
}

/** Where else it could run. `spotFactor`: `site.spot_cost_factor`. */
function alternativesOf(
  job: JobToDecide,
  available: Money,
  weighed: Weighed,
  spotFactor: string,
): readonly Alternative[] {
  const aws = awsMinutesOf(job);
  const cost = exactly(job.cost);
  const { budgetRisk, deadlineRisk } = weighed;
  const options = [
    { option: 'LOCAL', cost: NOTHING, minutes: exactly(job.localMinutes), risk: deadlineRisk },
    {
      option: 'AWS_SPOT',
      cost: multiplied(cost, fraction(spotFactor)),
      minutes: part(SPOT_SLOWER, aws),
      risk: overallRiskOf(budgetRisk, 'MEDIUM'),
    },
    { option: 'AWS_ONDEMAND', cost, minutes: aws, risk: budgetRisk },
  ] as const;
  const longest = options.map(({ minutes }) => minutes).reduce(greater, NOTHING);
  return options.map((each) => ({
    ...each,
    score: lesser(ONE, scoreOf(each.cost, each.minutes, available, longest)),
  }));
}

/** budget.md 4.10, affordability. */
export function affordability(
  job: JobToDecide,
  payer: PayerState,
  spotFactor: string,
): Affordability {
  const affordable = isAffordable(job, payer);
  const impact = impactOf(job.cost, payer.available);
  const budgetRisk = budgetRiskOf(affordable, impact);
  const deadlineRisk = deadlineRiskOf(job);
  const weighed = { affordable, budgetRisk, deadlineRisk };
  const rule = RULES.find(([when]) => when(job, payer, weighed));
  const decision = rule?.[1](job, payer, weighed) ?? 'EITHER';
  const sure = CONFIDENCES.find(([days]) => payer.daysKnown >= days)?.[1] ?? '0.50';
  const { deadlineMinutes } = job;
  const needsMore = !affordable || decision === 'EITHER' || isHigh(budgetRisk);
  return {
    ...weighed,
    decision,
    confidence: fraction(affordable ? sure : '0.95'),
    impact,
    overallRisk: overallRiskOf(budgetRisk, deadlineRisk),
    opportunity: opportunityOf(job),
    awsMinutes: awsMinutesOf(job),
    factors: {
      costEfficiency: costFactor(impact),
      deadlinePressure:
        deadlineMinutes === undefined ? NOTHING : pressureOf(daysOf(deadlineMinutes)),
      budgetHealth: HEALTH[payer.status.risk],
    },
    alternatives: needsMore ? alternativesOf(job, payer.available, weighed, spotFactor) : [],
    reasons: [rule?.[2] ?? '', ...payer.status.reasons].filter((reason) => reason !== ''),
  };
}
