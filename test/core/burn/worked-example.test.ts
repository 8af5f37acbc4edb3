import { describe, expect, it } from 'vitest';
import { planOf } from '../../../src/core/burn/plan.ts';
import { project } from '../../../src/core/burn/project.ts';
import { burnMetrics } from '../../../src/core/burn/rate.ts';
import { recommendations } from '../../../src/core/burn/recommend.ts';
import { toDollars } from '../../../src/core/money/money.ts';
import { toCents, toFixed } from '../../../src/core/money/ratio.ts';
import { dollars, everyDay } from './support.ts';

// budget.md 4.6: limit 36 500, 2025-01-01…2025-12-31, T = 2025-04-11; 105/day for 70 days, 155/day for 30.
const plan = planOf({
  start: 20_250_101,
  end: 20_251_231,
  today: 20_250_411,
  budget: dollars('36500'),
  used: dollars('12000'),
  held: dollars('0'),
  days: [...everyDay(20_250_101, 70, '105'), ...everyDay(20_250_312, 30, '155')],
});

describe('the worked example of budget.md 4.6', () => {
  it('has its figures', () => {
    const metrics = burnMetrics(plan);
    expect(plan.days).toBe(365);
    expect(plan.elapsed).toBe(100);
    expect(toDollars(toCents(metrics.dailyExpected))).toBe('$100.00');
    expect(toDollars(toCents(metrics.cumulativeExpected))).toBe('$10000.00');
    expect(toDollars(metrics.cumulativeSpend)).toBe('$12000.00');
    expect(toDollars(toCents(metrics.dailySpend))).toBe('$155.00');
    expect(toFixed(metrics.variance, 1)).toBe('55.0');
    expect(metrics.status).toBe('OVERSPENDING');
    expect(toFixed(metrics.cumulativeVariance, 1)).toBe('20.0');
    expect(toFixed(metrics.healthScore, 2)).toBe('80.00');
    expect(metrics.health).toBe('HEALTHY');
    expect(metrics.timeRemainingDays).toBe(264);
    expect(metrics.window).toEqual({ from: 20_250_312, to: 20_250_411, days: 30 });
  });

  it('projects its end', () => {
    const projection = project(plan);
    expect(projection).toBeDefined();
    if (projection !== undefined) {
      expect(toDollars(toCents(projection.finalSpend))).toBe('$53075.00');
      expect(toDollars(toCents(projection.overrun))).toBe('$16575.00');
      expect(projection.risk).toBe('CRITICAL');
      expect(projection.depletionDay).toBe(20_250_916);
      expect(toFixed(projection.confidence, 2)).toBe('0.95');
    }
    const metrics = burnMetrics(plan);
    expect(recommendations(plan, { metrics, projection, available: dollars('24500') })).toEqual([
      'Reduce spending to $92.45/day to stay within the budget',
      'Spending is 55.0% above the expected rate: overspending',
    ]);
  });
});
