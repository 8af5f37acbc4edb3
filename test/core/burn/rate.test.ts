import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePeriod, periodStart } from '../../../src/core/burn/period.ts';
import { type BurnInput, planOf } from '../../../src/core/burn/plan.ts';
import { project } from '../../../src/core/burn/project.ts';
import { burnDays, burnMetrics, burnRate, windowOf } from '../../../src/core/burn/rate.ts';
import { lastDays, sparkline } from '../../../src/core/burn/spark.ts';
import { assert } from '../../../src/core/errors.ts';
import { addDays, daysBetween } from '../../../src/core/grant/calendar.ts';
import { type Money, sum, toDollars } from '../../../src/core/money/money.ts';
import { toFixed } from '../../../src/core/money/ratio.ts';
import { dollars, everyDay, shown, YEAR, ZERO } from './support.ts';
import '../../support/property.ts';

describe('periods', () => {
  it.each([
    ['7d', 20_250_411, 20_250_404],
    ['30d', 20_250_411, 20_250_312],
    ['90d', 20_250_411, 20_250_111],
    ['6m', 20_250_411, 20_241_011],
    ['1y', 20_250_411, 20_240_411],
    ['2w', 20_250_411, 20_250_328],
    ['1m', 20_250_331, 20_250_228],
    ['1m', 20_240_331, 20_240_229],
    ['1y', 20_240_229, 20_230_228],
    ['4y', 20_240_229, 20_200_229],
    ['6m', 20_250_831, 20_250_228],
    // Across the change to summer time and back: days are calendar days.
    ['7d', 20_250_402, 20_250_326],
    ['7d', 20_251_029, 20_251_022],
    // Leap days count.
    ['366d', 20_250_101, 20_240_101],
    ['12m', 20_250_301, 20_240_301],
  ])('%s before %d begins on %d', (text, today, start) => {
    const period = parsePeriod(text);
    assert(period !== undefined, text);
    expect(periodStart(today, period)).toBe(start);
  });

  it.each([
    '',
    '0d',
    '-7d',
    '7',
    'd',
    '7h',
    '1.5d',
    '7 d',
    '30D',
    '36526d',
    '101y',
    '00007d',
    '1e3d',
  ])("'%s' is none", (text) => {
    expect(parsePeriod(text)).toBeUndefined();
  });
});

describe('windows and clamps', () => {
  it.each([
    // T, n, first day of the window, its days, days that remain
    { today: 20_241_215, elapsed: 0, from: 20_241_215, days: 0, left: 381 },
    { today: 20_250_101, elapsed: 0, from: 20_250_101, days: 0, left: 364 },
    { today: 20_250_102, elapsed: 1, from: 20_250_101, days: 1, left: 363 },
    { today: 20_250_131, elapsed: 30, from: 20_250_101, days: 30, left: 334 },
    { today: 20_250_201, elapsed: 31, from: 20_250_102, days: 30, left: 333 },
    { today: 20_251_231, elapsed: 364, from: 20_251_201, days: 30, left: 0 },
    { today: 20_260_101, elapsed: 365, from: 20_251_202, days: 30, left: 0 },
    { today: 20_270_601, elapsed: 365, from: 20_270_502, days: 30, left: 0 },
  ])('on $today $elapsed days have passed', ({ today, elapsed, from, days, left }) => {
    const { plan, metrics } = burnRate({ ...YEAR, today });
    expect([plan.days, plan.elapsed]).toEqual([365, elapsed]);
    expect(metrics.window).toEqual({ from, to: today, days });
    expect(metrics.timeRemainingDays).toBe(left);
    expect(burnDays(plan, metrics.window)).toHaveLength(days);
  });

  it('counts a leap year as 366 days', () => {
    const input = { ...YEAR, start: 20_240_101, end: 20_241_231, today: 20_240_301 };
    const plan = planOf({ ...input, budget: dollars('366') });
    expect([plan.days, plan.elapsed]).toEqual([366, 60]);
    expect(shown(burnMetrics(plan).cumulativeExpected)).toBe('$60.00');
  });

  it('ignores what was spent before the start and today', () => {
    const days = [
      { day: 20_241_231, spent: dollars('1000') },
      { day: 20_250_410, spent: dollars('7') },
      { day: 20_250_411, spent: dollars('500') },
    ];
    const { metrics } = burnRate({ ...YEAR, days });
    expect(toDollars(metrics.cumulativeSpend)).toBe('$7.00');
    expect(shown(metrics.rolling7)).toBe('$1.00');
  });

  it('averages over the days there are', () => {
    const days = everyDay(20_250_101, 3, '30');
    const { metrics } = burnRate({ ...YEAR, today: 20_250_104, days });
    expect([metrics.rolling7, metrics.rolling30, metrics.dailySpend].map(shown)).toEqual([
      '$30.00',
      '$30.00',
      '$30.00',
    ]);
  });

  it('takes a one-day budget', () => {
    const { plan, metrics } = burnRate({ ...YEAR, end: 20_250_101, today: 20_250_101 });
    expect([plan.days, metrics.status]).toEqual([1, 'UNKNOWN']);
    expect(shown(metrics.dailyExpected)).toBe('$36500.00');
  });
});

describe('without a budget', () => {
  it('has no variance and full health', () => {
    const days = everyDay(20_250_101, 100, '5');
    const { plan, metrics } = burnRate({ ...YEAR, budget: ZERO, used: dollars('500'), days });
    expect(toFixed(metrics.variance, 1)).toBe('0.0');
    expect([metrics.status, metrics.health]).toEqual(['ON_TRACK', 'HEALTHY']);
    expect(toFixed(metrics.remainingPercent, 1)).toBe('0.0');
    expect(toDollars(metrics.remaining)).toBe('$-500.00');
    const projection = project(plan);
    expect([projection?.risk, projection?.depletionDay]).toEqual(['CRITICAL', 20_250_411]);
  });

  it('is at no risk when nothing is spent either', () => {
    const projection = project(planOf({ ...YEAR, budget: ZERO }));
    expect([projection?.risk, projection?.depletionDay]).toEqual(['LOW', 20_250_411]);
  });
});

describe('the limits of the words', () => {
  it.each([
    ['120.000000', 'ON_TRACK'],
    ['120.000001', 'OVERSPENDING'],
    ['80.000000', 'ON_TRACK'],
    ['79.999999', 'UNDERSPENDING'],
  ])('%s a day where 100 are expected is %s', (amount, status) => {
    const days = everyDay(20_250_312, 30, amount);
    expect(burnRate({ ...YEAR, days }).metrics.status).toBe(status);
  });

  it.each([
    ['8000.00', 'HEALTHY'],
    ['7999.99', 'CONCERN'],
    ['6000.00', 'CONCERN'],
    ['5999.99', 'WARNING'],
    ['4000.00', 'WARNING'],
    ['3999.99', 'CRITICAL'],
    ['12000.00', 'HEALTHY'],
    ['12000.01', 'CONCERN'],
    ['16000.01', 'CRITICAL'],
    ['99999', 'CRITICAL'],
  ])('%s spent of 10000 expected is %s', (spent, health) => {
    const days = [{ day: 20_250_101, spent: dollars(spent) }];
    expect(burnRate({ ...YEAR, days }).metrics.health).toBe(health);
  });

  it.each([
    ['36500', 'LOW'],
    ['38325', 'MEDIUM'],
    ['38325.01', 'HIGH'],
    ['45625', 'HIGH'],
    ['45625.01', 'CRITICAL'],
  ])('a final spend of %s is %s', (spent, risk) => {
    const days = [{ day: 20_250_101, spent: dollars(spent) }];
    expect(project(planOf({ ...YEAR, days }))?.risk).toBe(risk);
  });
});

const spending = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 399 }),
    cents: fc.integer({ min: -500, max: 99_999 }),
  }),
  { maxLength: 60 },
);

function sumsOf(
  rows: readonly { readonly at: number; readonly cents: number }[],
): BurnInput['days'] {
  return [...Map.groupBy(rows, ({ at }) => at)]
    .toSorted(([a], [b]) => a - b)
    .map(([at, each]) => ({
      day: addDays(20_250_101, at),
      spent: sum(each.map(({ cents }) => dollars((cents / 100).toFixed(2)))),
    }));
}

function total(days: readonly { readonly spent: Money }[]): Money {
  return sum(days.map(({ spent }) => spent));
}

describe('sums', () => {
  it('of windows side by side are that of the whole, wherever they are cut', () => {
    fc.assert(
      fc.property(
        spending,
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 5 }),
        (rows, cuts) => {
          const plan = planOf({ ...YEAR, today: 20_260_205, days: sumsOf(rows) });
          const edges = [0, ...cuts.toSorted((a, b) => a - b), 400].map((at) =>
            addDays(20_250_101, at),
          );
          const parts = edges.slice(1).flatMap((to, at) => {
            const from = edges[at] ?? to;
            return burnDays(plan, { from, to, days: daysBetween(from, to) });
          });
          expect(total(parts)).toBe(plan.spentBefore(20_260_205));
          expect(total(parts)).toBe(total(sumsOf(rows)));
        },
      ),
    );
  });

  it('of a window are its rate times its days, and the last day shows the whole', () => {
    fc.assert(
      fc.property(
        spending,
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400 }),
        (rows, at, count) => {
          const input = { ...YEAR, today: addDays(20_250_101, at), days: sumsOf(rows) };
          const plan = planOf(input);
          const window = windowOf(input, { unit: 'day', count, text: `${count}d` });
          const { dailySpend, cumulativeSpend } = burnMetrics(plan, window);
          const days = burnDays(plan, window);
          expect(dailySpend.num * BigInt(window.days)).toBe(total(days) * dailySpend.den);
          expect(days.at(-1)?.cumulativeSpend).toBe(cumulativeSpend);
        },
      ),
    );
  });

  it('of a projection lie within its band, and overrun and underrun make up the difference', () => {
    fc.assert(
      fc.property(spending, fc.integer({ min: 7, max: 364 }), (rows, at) => {
        const plan = planOf({ ...YEAR, today: addDays(20_250_101, at), days: sumsOf(rows) });
        const projection = project(plan);
        assert(projection !== undefined, 'seven days and more');
        const { low, finalSpend, high, overrun, underrun, confidence } = projection;
        const scaled = [low, finalSpend, high].map(({ num, den }) => Number(num) / Number(den));
        expect(scaled.toSorted((a, b) => a - b)).toEqual(scaled);
        const difference = Number(finalSpend.num) / Number(finalSpend.den) - 36_500_000_000;
        const apart =
          Number(overrun.num) / Number(overrun.den) - Number(underrun.num) / Number(underrun.den);
        expect(apart).toBeCloseTo(difference, 2);
        expect(Number(confidence.num) / Number(confidence.den)).toBeGreaterThanOrEqual(0.1);
        expect(Number(confidence.num) / Number(confidence.den)).toBeLessThanOrEqual(0.95);
      }),
    );
  });
});

describe('sparklines', () => {
  it.each([
    ['a ramp', ['1', '2', '3', '4', '5', '6', '7', '8'], 8, '▁▂▃▄▅▆▇█'],
    ['nothing', [], 8, ''],
    ['a gap', ['8', '0', '8'], 3, '█ █'],
    ['refunds', ['-1', '4'], 2, ' █'],
    ['two days a bar', ['1', '1', '7', '7'], 2, '▂█'],
  ])('%s', (_, amounts, bars, line) => {
    const days = amounts.map((text, at) => ({
      day: addDays(20_250_101, at),
      spent: dollars(text),
    }));
    const to = addDays(20_250_101, Math.max(amounts.length, 1));
    expect(sparkline(days, { from: 20_250_101, to }, bars)).toBe(line);
  });

  it('look back with today', () => {
    expect(lastDays(20_250_301, 30)).toEqual({ from: 20_250_131, to: 20_250_302 });
  });
});
