import { describe, expect, it } from 'vitest';
import { planOf } from '../../../src/core/burn/plan.ts';
import { project } from '../../../src/core/burn/project.ts';
import { burnMetrics } from '../../../src/core/burn/rate.ts';
import {
  affordability,
  deadlineRiskOf,
  type JobToDecide,
  overallRiskOf,
  type PayerState,
} from '../../../src/core/decision/affordability.ts';
import {
  type AccountDecision,
  type BudgetStatus,
  budgetStatus,
} from '../../../src/core/decision/budget-status.ts';
import {
  type BurstJob,
  type BurstPayer,
  burstDecision,
} from '../../../src/core/decision/burst-decision.ts';
import { type Level, urgencyOf } from '../../../src/core/decision/levels.ts';
import { deadlinesAhead, timeline } from '../../../src/core/decision/timeline.ts';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { toDecimal } from '../../../src/core/money/money.ts';
import { exactly, fraction, toCents, toFixed } from '../../../src/core/money/ratio.ts';
import { usd } from '../../support/dollars.ts';

const DAY = 1440;

function status(decision: AccountDecision): BudgetStatus {
  const risks: Record<AccountDecision, Level> = {
    EMERGENCY_ONLY: 'CRITICAL',
    PREFER_LOCAL: 'MEDIUM',
    PREFER_AWS: 'LOW',
    EITHER: 'LOW',
  };
  return {
    decision,
    risk: risks[decision],
    canAffordBurst: decision !== 'EMERGENCY_ONLY',
    reasons: [],
  };
}

function payer(decision: AccountDecision, more: Partial<PayerState> = {}): PayerState {
  return {
    isUsable: true,
    available: usd('3428.75'),
    allowNegative: false,
    status: status(decision),
    daysKnown: 30,
    ...more,
  };
}

function job(cost: string, hold: string, more: Partial<JobToDecide> = {}): JobToDecide {
  return { cost: usd(cost), hold: usd(hold), localMinutes: 0, priority: 'normal', ...more };
}

function decided(ask: JobToDecide, by: PayerState): string {
  const { decision, budgetRisk, deadlineRisk, overallRisk } = affordability(ask, by, '0.35');
  return `${decision} ${budgetRisk} ${deadlineRisk} ${overallRisk}`;
}

describe('the budget status', () => {
  function state(perDay: readonly (readonly [days: number, spent: string])[], more: object = {}) {
    const start = 20_250_101;
    const days = perDay
      .flatMap(([count, spent]) => Array.from({ length: count }, () => usd(spent)))
      .map((spent, at) => ({ day: addDays(start, at), spent }));
    const plan = planOf({
      start,
      end: 20_251_231,
      today: addDays(start, days.length),
      budget: usd('36500'),
      used: usd('0'),
      held: usd('0'),
      days,
    });
    const metrics = burnMetrics(plan);
    const projection = project(plan);
    const { risk, decision, canAffordBurst } = budgetStatus({
      ...{ isUsable: true, available: usd('1000'), plan, metrics, projection },
      ...more,
    });
    return `${risk} ${decision} ${canAffordBurst}`;
  }
  it.each<[string, Parameters<typeof state>[0], object, string]>([
    [
      'the worked example of 4.6',
      [
        [70, '105'],
        [30, '155'],
      ],
      {},
      'CRITICAL EMERGENCY_ONLY false',
    ],
    ['on plan', [[50, '100']], {}, 'LOW EITHER true'],
    ['a little over', [[50, '104']], {}, 'MEDIUM PREFER_LOCAL true'],
    ['much over', [[50, '120']], {}, 'HIGH PREFER_LOCAL true'],
    ['under', [[50, '50']], {}, 'LOW PREFER_AWS true'],
    ['under, too early to say', [[6, '50']], {}, 'LOW EITHER true'],
    ['far over, too early to say', [[6, '5000']], {}, 'LOW EITHER true'],
    ['nothing left', [[50, '100']], { available: usd('0') }, 'CRITICAL EMERGENCY_ONLY false'],
    ['not usable', [[50, '100']], { isUsable: false }, 'CRITICAL EMERGENCY_ONLY false'],
  ])('%s', (_name, days, more, expected) => {
    expect(state(days, more)).toBe(expected);
  });
});

describe('affordability', () => {
  it('is the documented example', () => {
    const ask = job('125.50', '150.60', {
      localMinutes: 480,
      deadlineMinutes: 2880,
      priority: 'high',
    });
    const answer = affordability(ask, payer('PREFER_LOCAL'), '0.35');
    expect(answer).toMatchObject({ affordable: true, decision: 'AWS', alternatives: [] });
    expect(decided(ask, payer('PREFER_LOCAL'))).toBe('AWS LOW MEDIUM LOW');
    expect(toFixed(answer.impact, 4)).toBe('3.6602');
    // 240 minutes saved
    expect(toDecimal(toCents(answer.opportunity))).toBe('31.38');
    expect(toFixed(answer.confidence, 2)).toBe('0.85');
    expect(toFixed(answer.factors.deadlinePressure, 4)).toBe('0.7778');
  });

  it.each<[string, JobToDecide, PayerState, string]>([
    ['1 not affordable', job('4000', '4800'), payer('EITHER'), 'LOCAL CRITICAL LOW CRITICAL'],
    [
      '1 not usable',
      job('1', '1.2'),
      payer('EITHER', { isUsable: false }),
      'LOCAL CRITICAL LOW CRITICAL',
    ],
    [
      'a negative balance by choice',
      job('4000', '4800'),
      payer('EITHER', { allowNegative: true }),
      'LOCAL CRITICAL LOW CRITICAL',
    ],
    [
      '2 the deadline is near',
      job('1', '1.2', { localMinutes: 60, deadlineMinutes: 120 }),
      payer('EMERGENCY_ONLY'),
      'AWS LOW HIGH MEDIUM',
    ],
    [
      '3 kept for emergencies',
      job('1', '1.2', { priority: 'critical' }),
      payer('EMERGENCY_ONLY'),
      'LOCAL LOW LOW LOW',
    ],
    [
      '3 an emergency',
      job('1', '1.2', { priority: 'emergency' }),
      payer('EMERGENCY_ONLY'),
      'AWS LOW LOW LOW',
    ],
    [
      '4 critical and bearable',
      job('700', '840', { priority: 'critical' }),
      payer('PREFER_LOCAL'),
      'AWS MEDIUM LOW LOW',
    ],
    [
      '5 too much of the budget',
      job('1000', '1200', { priority: 'critical' }),
      payer('EITHER'),
      'LOCAL HIGH LOW MEDIUM',
    ],
    ['6 prefers local', job('1', '1.2'), payer('PREFER_LOCAL'), 'LOCAL LOW LOW LOW'],
    ['7 costs little', job('342.875', '411'), payer('EITHER'), 'AWS LOW LOW LOW'],
    ['8 either', job('342.88', '411'), payer('EITHER'), 'EITHER MEDIUM LOW LOW'],
  ])('rule %s', (_name, ask, by, expected) => {
    expect(decided(ask, by)).toBe(expected);
  });

  it.each<[number | undefined, number, Level]>([
    [undefined, 480, 'LOW'],
    [0, 0, 'CRITICAL'],
    [-5, 0, 'CRITICAL'],
    [480, 480, 'CRITICAL'],
    [2000, 1000, 'HIGH'],
    [1439, 1, 'HIGH'],
    [1440, 1, 'MEDIUM'],
    [20_000, 5000, 'MEDIUM'],
    [10_080, 1, 'MEDIUM'],
    [10_081, 1, 'LOW'],
  ])('deadline in %s minutes, %s local: %s', (deadlineMinutes, localMinutes, expected) => {
    expect(deadlineRiskOf(job('1', '1', { deadlineMinutes, localMinutes }))).toBe(expected);
  });

  it.each<[Level, Level, Level]>([
    ['LOW', 'MEDIUM', 'LOW'],
    ['MEDIUM', 'MEDIUM', 'MEDIUM'],
    ['LOW', 'HIGH', 'MEDIUM'],
    ['HIGH', 'HIGH', 'HIGH'],
    ['CRITICAL', 'LOW', 'CRITICAL'],
  ])('%s and %s are %s', (budget, deadline, overall) => {
    expect(overallRiskOf(budget, deadline)).toBe(overall);
  });

  it('names other ways when it says no', () => {
    const ask = job('4000', '4800', { localMinutes: 600 });
    const { alternatives, confidence } = affordability(ask, payer('EITHER'), '0.35');
    expect(toFixed(confidence, 2)).toBe('0.95');
    expect(
      alternatives.map(
        ({ option, cost, minutes, score }) =>
          `${option} ${toFixed(cost, 0)} ${toFixed(minutes, 0)} ${toFixed(score, 4)}`,
      ),
    ).toEqual([
      'LOCAL 0 600 0.6000',
      'AWS_SPOT 1400000000 360 0.5150',
      'AWS_ONDEMAND 4000000000 300 0.2000',
    ]);
  });
});

describe('the burst decision', () => {
  function ask(cost: string, more: Partial<BurstJob> = {}): BurstJob {
    const hold = toFixed(fraction(String(Number(cost) * 1.2)), 2);
    return { ...job(cost, hold), isCollaboration: false, ...more };
  }
  function by(decision: AccountDecision, more: Partial<BurstPayer> = {}): BurstPayer {
    return {
      ...payer(decision),
      ...{ healthScore: exactly(100), isAhead: false, dailyRate: exactly(0), daysRemaining: 90 },
      ...more,
    };
  }
  it('is the first example: no pressure', () => {
    const answer = burstDecision(ask('150', { phase: 'EXPLORATION' }), by('EITHER'));
    expect(answer).toMatchObject({ action: 'LOCAL', urgency: 'LOW', grantHealthImpact: 'MINIMAL' });
    expect(toFixed(answer.pressure, 4)).toBe('0.0000');
    expect(answer.factors.map(({ value }) => toFixed(value, 4))).toEqual([
      '0.0000',
      '1.0000',
      '0.9125',
    ]);
    expect(answer.factors.map(({ impact }) => impact)).toEqual([
      'NEGATIVE',
      'POSITIVE',
      'POSITIVE',
    ]);
    expect(toFixed(answer.score, 4)).toBe('0.5738');
  });
  it('is the second example: a conference in five days', () => {
    const given = { priority: 'critical', phase: 'VALIDATION', deadlineMinutes: 5 * DAY } as const;
    const answer = burstDecision(ask('400', given), by('EITHER'));
    expect(answer).toMatchObject({ action: 'AWS', urgency: 'CRITICAL' });
    expect(toFixed(answer.pressure, 4)).toBe('0.8833');
    expect(toFixed(answer.factors[2]?.value ?? exactly(0), 4)).toBe('0.7667');
    expect(toFixed(answer.score, 4)).toBe('0.8833');
    expect(toFixed(answer.confidence, 2)).toBe('0.83');
  });
  const soon = { minutes: 9 * DAY, amount: usd('2000') };
  const little = { minutes: 9 * DAY, amount: usd('1000') };
  const ahead = { isAhead: true, healthScore: exactly(70) };
  it.each<[string, BurstJob, BurstPayer, string]>([
    ['in time', ask('4000'), by('EITHER', { nextAllocation: soon }), 'DEFER'],
    [
      'too late',
      ask('4000', { deadlineMinutes: 8 * DAY }),
      by('EITHER', { nextAllocation: soon }),
      'LOCAL',
    ],
    ['too small', ask('4000'), by('EITHER', { nextAllocation: little }), 'LOCAL'],
    [
      'none, under pressure',
      ask('4000', { deadlineMinutes: DAY, priority: 'high' }),
      by('EITHER'),
      'OPTIMIZE',
    ],
    ['kept for emergencies', ask('10'), by('EMERGENCY_ONLY'), 'LOCAL'],
    [
      'some pressure',
      ask('300', { deadlineMinutes: 14 * DAY }),
      by('PREFER_LOCAL', ahead),
      'OPTIMIZE',
    ],
    ['spending must go up', ask('10'), by('PREFER_AWS'), 'AWS'],
  ])('an allocation, or none: %s', (_name, given, who, action) => {
    expect(burstDecision(given, who).action).toBe(action);
  });
  it('keeps a month of spending, never more than there is', () => {
    const rich = burstDecision(ask('1'), by('EITHER', { dailyRate: exactly(usd('10')) }));
    expect(toDecimal(toCents(rich.preservation))).toBe('300');
    const poor = burstDecision(ask('1'), by('EITHER', { dailyRate: exactly(usd('1000')) }));
    expect(toDecimal(toCents(poor.preservation))).toBe('3428.75');
  });
});

describe('the timeline', () => {
  it.each<[number, Level]>([
    [0, 'CRITICAL'],
    [1, 'CRITICAL'],
    [2, 'HIGH'],
    [7, 'HIGH'],
    [8, 'MEDIUM'],
    [30, 'MEDIUM'],
    [31, 'LOW'],
  ])('%s days to go: %s', (days, level) => {
    expect(urgencyOf(exactly(days))).toBe(level);
  });
  it('counts calendar days and drops what is past or far', () => {
    const days = [20_251_231, 20_271_231, 20_250_913, 20_250_914].map((day) => ({
      day,
      kind: 'RENEWAL' as const,
      description: String(day),
    }));
    expect(deadlinesAhead(days, 20_250_914, 1095).map((each) => each.days)).toEqual([0, 108, 838]);
    expect(deadlinesAhead(days, 20_250_914, 90).map((each) => each.days)).toEqual([0]);
  });

  function guided(decision: AccountDecision, periodEnd: number, isUnderspending = false) {
    const plan = planOf({
      ...{ start: 20_250_101, end: 20_251_231, today: 20_250_411 },
      ...{ budget: usd('36500'), used: usd('0'), held: usd('0') },
      days: [{ day: 20_250_201, spent: usd('10000') }],
    });
    return timeline({
      plan,
      status: status(decision),
      isUnderspending,
      rate: exactly(usd('100')),
      periodEnd,
      deadlines: [{ kind: 'CONFERENCE', description: 'SC', day: 20_250_415 }],
      lookAheadDays: 60,
    });
  }
  it.each<[AccountDecision, number, boolean, string]>([
    ['EMERGENCY_ONLY', 20_250_420, true, 'EMERGENCY'],
    ['PREFER_LOCAL', 20_250_420, true, 'CONSERVATIVE'],
    ['PREFER_AWS', 20_250_710, true, 'AGGRESSIVE'],
    ['EITHER', 20_250_711, true, 'NORMAL'],
    ['EITHER', 20_250_510, false, 'CONSERVATIVE'],
    ['EITHER', 20_250_511, false, 'NORMAL'],
  ])('%s, period to %s, underspending %s: %s', (decision, end, isUnder, expected) => {
    expect(guided(decision, end, isUnder).guidance).toBe(expected);
  });
  it('shows today, the first of each month, the last day', () => {
    const { points, urgency } = guided('EITHER', 20_251_231);
    expect(urgency).toBe('HIGH');
    expect(
      points.map(
        ({ day, spend, expected, remaining }) =>
          `${day} ${[spend, expected, remaining].map((each) => toDecimal(toCents(each))).join(' ')}`,
      ),
    ).toEqual([
      '20250411 10000 10000 26500',
      '20250501 12000 12000 24500',
      '20250601 15100 15100 21400',
      '20250610 16000 16000 20500',
    ]);
  });
});
