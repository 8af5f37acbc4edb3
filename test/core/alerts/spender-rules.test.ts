import { describe, expect, it } from 'vitest';
import type { SpenderFacts, Thresholds } from '../../../src/core/alerts/facts.ts';
import { spenderFindings } from '../../../src/core/alerts/spender-rules.ts';
import { type DaySum, planOf } from '../../../src/core/burn/plan.ts';
import { project } from '../../../src/core/burn/project.ts';
import { burnMetrics } from '../../../src/core/burn/rate.ts';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { plus } from '../../../src/core/money/money.ts';
import { usd } from '../../support/dollars.ts';
import { THRESHOLDS } from './thresholds.ts';

const START = 20_260_101;

interface Case {
  /** Complete days before today. */
  readonly n: number;
  /** Spent on the first day, then a day over the last 30 days; dollars. */
  readonly first?: string;
  readonly daily?: string;
  /** More of the last day. */
  readonly last?: string;
  readonly used?: string;
  readonly held?: string;
  readonly available?: string;
  readonly budget?: string;
  readonly end?: number;
  readonly isRunning?: boolean;
  readonly kind?: 'account' | 'grant';
}

function daysOf({ n, first = '0', daily = '0', last = '0' }: Case): readonly DaySum[] {
  const recent = Array.from({ length: Math.min(30, n) }, (_, at) => ({
    day: addDays(START, n - Math.min(30, n) + at),
    spent: usd(daily),
  }));
  const all = [
    { day: START, spent: usd(first) },
    ...recent,
    { day: addDays(START, n - 1), spent: usd(last) },
  ];
  const sums = Map.groupBy(all, ({ day }) => day);
  return [...sums]
    .map(([day, rows]) => ({
      day,
      spent: rows.reduce((sum, row) => plus(sum, row.spent), usd('0')),
    }))
    .toSorted((a, b) => a.day - b.day);
}

function factsOf(given: Case): SpenderFacts {
  const today = addDays(START, given.n);
  const budget = usd(given.budget ?? '36500');
  const [used, held] = [usd(given.used ?? '0'), usd(given.held ?? '0')];
  const days = daysOf(given);
  const end = given.end ?? 20_261_231;
  const plan = planOf({ start: START, end, today, budget, used, held, days });
  return {
    owner: { kind: given.kind ?? 'account', id: 1, name: 'ml-7' },
    today,
    endDay: end,
    isRunning: given.isRunning ?? true,
    ...{ budget, used, held, plan },
    available: usd(given.available ?? '1'),
    metrics: burnMetrics(plan),
    projection: project(plan),
  };
}

/** `type rule severity` of what is met. */
function met(given: Case, thresholds = THRESHOLDS): readonly string[] {
  return spenderFindings(factsOf(given), thresholds).flatMap(({ type, rule, severity }) =>
    severity === undefined ? [] : [`${type} ${rule} ${severity}`],
  );
}

function only(type: string, rule: string, given: Case, thresholds?: Thresholds): string {
  const found = met(given, thresholds).filter((line) => line.startsWith(`${type} ${rule} `));
  return found.map((line) => line.split(' ')[2]).join() || 'none';
}

const MICRO = '0.000001';

// budget.md 4.8, cell by cell: exactly at the limit, and one micro-dollar beyond it.
const VARIANCE: readonly (readonly [string, string, Case, string])[] = [
  ['+20 %', 'burn_rate_high', { n: 100, daily: '120' }, 'none'],
  ['+20 % and a micro', 'burn_rate_high', { n: 100, daily: '120', last: MICRO }, 'warning'],
  ['+50 %', 'burn_rate_high', { n: 100, daily: '150' }, 'warning'],
  ['+50 % and a micro', 'burn_rate_high', { n: 100, daily: '150', last: MICRO }, 'critical'],
  ['-20 %', 'burn_rate_low', { n: 100, daily: '80' }, 'none'],
  ['-20 % less a micro', 'burn_rate_low', { n: 100, daily: '79.999999' }, 'info'],
  ['-30 %', 'burn_rate_low', { n: 100, daily: '70' }, 'info'],
  ['-30 % less a micro', 'burn_rate_low', { n: 100, daily: '69.999999' }, 'warning'],
  ['6 complete days', 'burn_rate_high', { n: 6, daily: '900' }, 'none'],
  ['7 complete days', 'burn_rate_high', { n: 7, daily: '900' }, 'critical'],
  ['6 quiet days', 'burn_rate_low', { n: 6 }, 'none'],
  ['7 quiet days', 'burn_rate_low', { n: 7 }, 'warning'],
];

const HEALTH: readonly (readonly [string, Case, string])[] = [
  ['60', { n: 100, first: '14000' }, 'none'],
  ['below 60', { n: 100, first: '14000.000001' }, 'warning'],
  ['40', { n: 100, first: '16000' }, 'warning'],
  ['below 40', { n: 100, first: '16000.000001' }, 'critical'],
  ['low because too little was spent', { n: 100, first: '1000' }, 'none'],
];

const UTILIZATION: readonly (readonly [string, Case, string])[] = [
  ['below 80 %', { n: 10, used: '29199.999999' }, 'none'],
  ['80 %', { n: 10, used: '20000', held: '9200' }, 'info'],
  ['below 90 %', { n: 10, used: '32849.999999' }, 'info'],
  ['90 %', { n: 10, used: '32849.999999', held: MICRO }, 'warning'],
  ['below 100 %', { n: 10, used: '36499.999999' }, 'warning'],
  ['100 %', { n: 10, held: '36500' }, 'critical'],
  ['something of nothing', { n: 10, budget: '0', used: MICRO }, 'critical'],
  ['nothing of nothing', { n: 10, budget: '0' }, 'none'],
];

const DEPLETION: readonly (readonly [string, Case, string])[] = [
  ['in 15 days, 5 before the end', { n: 345, first: '31550', daily: '110' }, 'warning'],
  ['in 14 days', { n: 345, first: '31660', daily: '110' }, 'critical'],
  ['on the last day', { n: 355, first: '34400', daily: '60' }, 'critical'],
  ['far away, but a risk of CRITICAL', { n: 100, first: '7350', daily: '155' }, 'critical'],
  ['not before the end', { n: 100, daily: '50' }, 'none'],
  ['overdrawn, whatever is projected', { n: 100, daily: '50', available: '-0.000001' }, 'critical'],
  ['nothing left', { n: 100, daily: '50', available: '0' }, 'none'],
  ['overdrawn and ended', { n: 100, available: '-1', isRunning: false }, 'critical'],
  ['six days are too few', { n: 6, daily: '900' }, 'none'],
];

/** D = 364, so that half of the time is a whole number of days. */
const END = 20_261_230;
const UNDERRUN: readonly (readonly [string, Case, string])[] = [
  ['25 %', { n: 182, budget: '36400', end: END, first: '27300' }, 'none'],
  ['more than 25 %', { n: 182, budget: '36400', end: END, first: '27299.999999' }, 'info'],
  ['50 %', { n: 182, budget: '36400', end: END, first: '18200' }, 'info'],
  ['more than 50 %', { n: 182, budget: '36400', end: END, first: '18199.999999' }, 'warning'],
  ['before half of the time', { n: 181, budget: '36400', end: END }, 'none'],
];

describe('rules on burn figures', () => {
  it.each(VARIANCE)('variance %s: %s', (_, type, given, severity) => {
    expect(only(type, 'variance', given)).toBe(severity);
  });
  it.each(HEALTH)('health score %s', (_, given, severity) => {
    expect(only('budget_threshold', 'health', given)).toBe(severity);
  });
  it.each(UTILIZATION)('utilization %s', (_, given, severity) => {
    expect(only('budget_threshold', 'utilization', given)).toBe(severity);
  });
  it.each(DEPLETION)('depletion %s', (_, given, severity) => {
    expect(only('overspend_risk', 'depletion', given)).toBe(severity);
  });
  it.each(UNDERRUN)('underrun %s', (_, given, severity) => {
    expect(only('underspend_risk', 'projection', given)).toBe(severity);
  });

  it('takes the limits from the configuration', () => {
    const limits = {
      ...THRESHOLDS,
      critical_variance: 33.3,
      warning_variance: 10,
      low_variance: 50,
    };
    expect(only('burn_rate_high', 'variance', { n: 100, daily: '133.3' }, limits)).toBe('warning');
    expect(
      only('burn_rate_high', 'variance', { n: 100, daily: '133.3', last: MICRO }, limits),
    ).toBe('critical');
    expect(only('burn_rate_low', 'variance', { n: 100, daily: '51' }, limits)).toBe('info');
  });

  it('does not look at an account that has ended or not begun', () => {
    expect(met({ n: 100, daily: '900', used: '36500', isRunning: false })).toEqual([]);
  });

  it('says it in the words of the original', () => {
    function message(type: string, given: Case): string | undefined {
      return spenderFindings(factsOf(given), THRESHOLDS).find((each) => each.type === type)
        ?.message;
    }
    expect(message('burn_rate_high', { n: 100, daily: '155' })).toBe(
      'Account ml-7 is spending 55.0% above expected rate',
    );
    expect(message('burn_rate_low', { n: 100, daily: '65' })).toBe(
      'Account ml-7 is underspending by 35.0%',
    );
    expect(message('budget_threshold', { n: 100, first: '16800' })).toBe(
      'Account ml-7 budget health score is critical: 32.0%',
    );
    expect(message('overspend_risk', { n: 100, first: '7350', daily: '155', kind: 'grant' })).toBe(
      'Grant ml-7 projected to deplete on 2026-09-16 (before grant end 2026-12-31)',
    );
    expect(message('overspend_risk', { n: 10, available: '-12.345' })).toBe(
      'Account ml-7 is overdrawn by $12.35',
    );
  });
});
