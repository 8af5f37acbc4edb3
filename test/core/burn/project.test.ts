import { describe, expect, it } from 'vitest';
import { type BurnInput, planOf } from '../../../src/core/burn/plan.ts';
import { DAYS_NEEDED, project } from '../../../src/core/burn/project.ts';
import { burnRate } from '../../../src/core/burn/rate.ts';
import { recommendations } from '../../../src/core/burn/recommend.ts';
import { assert } from '../../../src/core/errors.ts';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { toFixed } from '../../../src/core/money/ratio.ts';
import { dollars, everyDay, shown, YEAR, ZERO } from './support.ts';

describe('projections', () => {
  it('say nothing before the eighth day', () => {
    const days = everyDay(20_250_101, 6, '10');
    expect(project(planOf({ ...YEAR, today: 20_250_107, days }))).toBeUndefined();
    expect(DAYS_NEEDED).toBe(7);
    const { plan, metrics } = burnRate({ ...YEAR, today: 20_250_107, days });
    const told = recommendations(plan, { metrics, projection: undefined, available: ZERO });
    expect(told[0]).toBe('Not enough data');
  });

  it('trust seven steady days by 72 %', () => {
    const days = everyDay(20_250_101, 7, '10');
    const projection = project(planOf({ ...YEAR, today: 20_250_108, days }));
    assert(projection !== undefined, 'seven days are enough');
    // 0.95 − 0.30 × (1 − 7/30)
    expect(toFixed(projection.confidence, 2)).toBe('0.72');
    expect(shown(projection.low)).toBe('$3650.00');
    expect(shown(projection.high)).toBe('$3650.00');
  });

  it('widen their band by the scatter of the days', () => {
    const days = Array.from({ length: 30 }, (_, at) => ({
      day: addDays(20_250_312, at),
      spent: dollars(at % 2 === 0 ? '50' : '150'),
    }));
    const projection = project(planOf({ ...YEAR, days }));
    assert(projection !== undefined, 'thirty days are enough');
    // Half: 1.96 × 50 × √(265 + 265²/30) = 5002.64; cv 0.5.
    expect(shown(projection.finalSpend)).toBe('$29500.00');
    expect([shown(projection.low), shown(projection.high)]).toEqual(['$24497.36', '$34502.64']);
    expect(toFixed(projection.confidence, 3)).toBe('0.875');
  });

  it('never fall below a tenth, nor below what is spent', () => {
    const days = [{ day: 20_250_410, spent: dollars('1') }];
    const projection = project(planOf({ ...YEAR, days }));
    assert(projection !== undefined, 'a hundred days are enough');
    expect(shown(projection.low)).toBe('$1.00');
    // cv is capped at 3: 0.95 − 0.45.
    expect(toFixed(projection.confidence, 2)).toBe('0.50');
  });

  it.each([
    ['0', undefined],
    // 265.04 days of 264 that remain, then 264.15.
    ['98.8', undefined],
    ['99.1', 20_251_231],
    ['155', 20_250_916],
  ])('%s a day: gone on %s', (amount, day) => {
    const days = [...everyDay(20_250_101, 70, '105'), ...everyDay(20_250_312, 30, amount)];
    expect(project(planOf({ ...YEAR, days }))?.depletionDay).toBe(day);
  });
});

describe('a no-cost extension', () => {
  // One year and 36 500; half as much was spent when, on July 1st, six months were added.
  const days = everyDay(20_250_101, 181, '50');
  const extended: BurnInput = {
    ...YEAR,
    days,
    end: 20_260_630,
    extensions: [{ day: 20_250_701, oldEnd: 20_251_231 }],
  };

  it('leaves the old line before it', () => {
    const { plan, metrics } = burnRate({ ...extended, today: 20_250_701 - 100 + 29 });
    expect(plan.days).toBe(365);
    expect(shown(metrics.dailyExpected)).toBe('$100.00');
  });

  it('begins anew with what was left', () => {
    const { plan, metrics } = burnRate({ ...extended, today: 20_250_701 });
    expect(plan.days).toBe(546);
    // (36 500 − 9050) / 365 days from 2025-07-01 to 2026-06-30
    expect(shown(metrics.dailyExpected)).toBe('$75.21');
    expect(shown(metrics.cumulativeExpected)).toBe('$9050.00');
    expect(toFixed(metrics.healthScore, 2)).toBe('100.00');
    expect(shown(plan.expectedOn(20_250_630))).toBe('$100.00');
    expect(shown(plan.expectedBefore(20_260_701))).toBe('$36500.00');
  });

  it('that came after the end leaves no gap', () => {
    const late = { ...extended, extensions: [{ day: 20_260_115, oldEnd: 20_251_231 }] };
    const plan = planOf({ ...late, today: 20_260_201 });
    expect(shown(plan.expectedBefore(20_260_114))).toBe('$36500.00');
    expect(shown(plan.expectedBefore(20_260_115))).toBe('$9050.00');
  });
});

describe('recommendations', () => {
  const outlook = { projection: undefined, available: dollars('1') };
  it.each([
    ['109.99', []],
    ['110', ['Spending is 10.0% above the expected rate: approaching the limit of concern']],
    ['120', ['Spending is 20.0% above the expected rate: approaching the limit of concern']],
    ['121', ['Spending is 21.0% above the expected rate: overspending']],
  ])('at %s a day where 100 are expected', (amount, told) => {
    const { plan, metrics } = burnRate({ ...YEAR, days: everyDay(20_250_312, 30, amount) });
    expect(recommendations(plan, { ...outlook, metrics }).slice(1)).toEqual(told);
  });

  it('tell of the next allocation within two weeks', () => {
    const { plan, metrics } = burnRate({ ...YEAR, days: everyDay(20_250_101, 100, '100') });
    const projection = project(plan);
    const amount = dollars('25');
    const near = { day: 20_250_425, amount };
    expect(
      recommendations(plan, { ...outlook, metrics, projection, nextAllocation: near }),
    ).toEqual(['Next allocation: $25.00 on 2025-04-25']);
    const far = { day: 20_250_426, amount };
    expect(recommendations(plan, { ...outlook, metrics, projection, nextAllocation: far })).toEqual(
      ['Spending is on track'],
    );
    expect(recommendations(plan, { metrics, projection, available: ZERO })).toEqual([
      'Nothing is available: new jobs are refused',
    ]);
  });
});
