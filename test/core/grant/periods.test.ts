import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, daysBetween } from '../../../src/core/grant/calendar.ts';
import {
  type GrantPlan,
  grantPeriods,
  monthSpan,
  periodAt,
  periodCount,
  periodStatus,
  tenthsOfYears,
} from '../../../src/core/grant/periods.ts';
import { isNegative, plus, sum, toDecimal } from '../../../src/core/money/money.ts';
import { fromMicros } from '../../../src/core/money/storage.ts';
import { usd } from '../../support/dollars.ts';
import '../../support/property.ts';

type Change = readonly [day: number, delta: string];

function plan(
  [startDay, endDay]: readonly [number, number],
  periodMonths: number,
  total: string,
  more: { readonly endDay?: number; readonly steps?: readonly Change[] } = {},
): GrantPlan {
  return {
    startDay,
    plannedEndDay: endDay,
    endDay: more.endDay ?? endDay,
    periodMonths,
    total: usd(total),
    steps: (more.steps ?? []).map(([day, delta]) => ({ day, delta: usd(delta) })),
  };
}

function amounts(of: GrantPlan): readonly string[] {
  return grantPeriods(of).map(({ amount }) => toDecimal(amount));
}

describe('the length of a grant in months', () => {
  it.each([
    // Whole years, whatever their days.
    [20_250_101, 20_271_231, '36 + 0/31', 30],
    [20_250_701, 20_300_630, '60 + 0/31', 50],
    [20_240_229, 20_250_227, '12 + 0/29', 10],
    [20_240_229, 20_250_228, '12 + 1/29', 10],
    [20_230_301, 20_240_229, '12 + 0/31', 10],
    // Parts of a month are counted in the days of that month.
    [20_250_101, 20_250_114, '0 + 14/31', 0],
    [20_250_201, 20_250_214, '0 + 14/28', 0],
    [20_240_201, 20_240_214, '0 + 14/29', 0],
    [20_250_115, 20_260_131, '12 + 17/31', 10],
    // The anchor is the 31st: its months end on the last days.
    [20_250_131, 20_250_227, '1 + 0/31', 1],
    [20_250_131, 20_250_228, '1 + 1/31', 1],
    [20_240_131, 20_240_228, '1 + 0/31', 1],
    [20_250_131, 20_250_330, '2 + 0/30', 2],
    // One day.
    [20_250_101, 20_250_101, '0 + 1/31', 0],
    // A fiscal year: 1 October to 30 September.
    [20_251_001, 20_270_930, '24 + 0/31', 20],
    [20_250_101, 20_260_630, '18 + 0/31', 15],
  ])('%i to %i: %s months, %i tenths of years', (start, end, months, tenths) => {
    const span = monthSpan(start, end);
    expect(`${span.whole} + ${span.rest}/${span.of}`).toBe(months);
    expect(tenthsOfYears(span)).toBe(tenths);
  });

  it('is the same, counted by months and by days', () => {
    const days = fc.integer({ min: 0, max: 9000 });
    const startDay = fc.integer({ min: 0, max: 20_000 }).map((n) => addDays(19_900_101, n));
    fc.assert(
      fc.property(startDay, days, (start, length) => {
        const end = addDays(start, length);
        const { whole, rest, of } = monthSpan(start, end);
        expect(rest >= 0 && rest < of && of >= 28 && of <= 31).toBe(true);
        expect(daysBetween(addMonths(start, whole), addDays(end, 1))).toBe(rest);
      }),
    );
  });
});

describe('budget periods', () => {
  it.each<readonly [string, GrantPlan, readonly string[]]>([
    [
      'three years of 750 000',
      plan([20_250_101, 20_271_231], 12, '750000'),
      ['250000', '250000', '250000'],
    ],
    [
      'five years over a leap year',
      plan([20_250_701, 20_300_630], 12, '1250000'),
      ['250000', '250000', '250000', '250000', '250000'],
    ],
    ['18 months by 12', plan([20_250_101, 20_260_630], 12, '300000'), ['200000', '100000']],
    [
      'cents go where the cumulated sum rounds',
      plan([20_250_101, 20_271_231], 12, '100000'),
      ['33333.33', '33333.34', '33333.33'],
    ],
    [
      'two fiscal years by 6',
      plan([20_251_001, 20_270_930], 6, '500000'),
      ['125000', '125000', '125000', '125000'],
    ],
    [
      'a period longer than the grant',
      plan([20_250_101, 20_250_630], 60, '10.000001'),
      ['10.000001'],
    ],
    [
      'half a month at the end',
      plan([20_250_201, 20_250_314], 1, '45'),
      // L = 1 + 14/31.
      ['31', '14'],
    ],
    [
      'a supplement belongs to the rest of the time',
      plan([20_250_101, 20_271_231], 12, '750000', { steps: [[20_260_601, '60000']] }),
      ['250000', '280000', '280000'],
    ],
    [
      'a supplement before the start to all of it',
      plan([20_250_101, 20_271_231], 12, '750000', { steps: [[20_241_201, '60000']] }),
      ['270000', '270000', '270000'],
    ],
    [
      'a reduction that the rest cannot bear reaches back',
      plan([20_250_101, 20_271_231], 12, '750000', { steps: [[20_270_101, '-300000']] }),
      ['250000', '200000', '0'],
    ],
    [
      'an extension moves no money',
      plan([20_250_101, 20_271_231], 12, '750000', { endDay: 20_281_231 }),
      ['250000', '250000', '250000'],
    ],
  ])('%s', (_, of, expected) => {
    expect(amounts(of)).toEqual(expected);
  });

  it('begin where the one before ended, by the calendar', () => {
    const dates = grantPeriods(plan([20_240_131, 20_240_630], 1, '6')).map(
      ({ startDay, endDay }) => [startDay, endDay],
    );
    expect(dates).toEqual([
      [20_240_131, 20_240_228],
      [20_240_229, 20_240_330],
      [20_240_331, 20_240_429],
      [20_240_430, 20_240_530],
      [20_240_531, 20_240_629],
      [20_240_630, 20_240_630],
    ]);
  });

  it('give the last one the new end of an extended grant', () => {
    const periods = grantPeriods(plan([20_250_101, 20_261_231], 12, '100', { endDay: 20_270_630 }));
    expect(periods.map(({ endDay, isExtended }) => [endDay, isExtended])).toEqual([
      [20_251_231, false],
      [20_270_630, true],
    ]);
    expect(periods.map((each) => periodStatus(each, 20_260_401))).toEqual([
      'completed',
      'extended',
    ]);
    expect(periods.map((each) => periodStatus(each, 20_270_701))).toEqual([
      'completed',
      'completed',
    ]);
  });

  it.each([
    [20_241_231, 1, ['future', 'future']],
    [20_250_101, 1, ['active', 'future']],
    [20_251_231, 1, ['active', 'future']],
    [20_260_101, 2, ['completed', 'active']],
    [20_270_101, 2, ['completed', 'completed']],
  ])('on %i the current one is %i', (today, number, statuses) => {
    const periods = grantPeriods(plan([20_250_101, 20_261_231], 12, '100'));
    expect(periodAt(periods, today)).toBe(number);
    expect(periods.map((each) => periodStatus(each, today))).toEqual(statuses);
  });

  it('cover every day once and add up to the award, whatever was added or taken', () => {
    const day = fc.integer({ min: 0, max: 12_000 }).map((n) => addDays(20_000_101, n));
    const micros = fc.bigInt({ min: 1n, max: 10n ** 15n });
    const step = fc.record({ day, part: fc.integer({ min: -300, max: 2000 }) });
    fc.assert(
      fc.property(
        fc.record({
          start: day,
          length: fc.integer({ min: 0, max: 4000 }),
          months: fc.integer({ min: 1, max: 60 }),
          total: micros,
          parts: fc.array(step, { maxLength: 3 }),
        }),
        ({ start, length, months, total, parts }) => {
          const end = addDays(start, length);
          const of: GrantPlan = {
            ...plan([start, end], months, '0'),
            total: fromMicros(total),
            steps: parts.map((each) => ({
              day: each.day,
              delta: fromMicros((total * BigInt(each.part)) / 1000n),
            })),
          };
          const periods = grantPeriods(of);
          expect(periods.length).toBe(periodCount(monthSpan(start, end), months));
          expect(sum(periods.map(({ amount }) => amount))).toBe(
            plus(of.total, sum(of.steps.map(({ delta }) => delta))),
          );
          expect(periods.some(({ amount }) => isNegative(amount))).toBe(false);
          expect(periods[0]?.startDay).toBe(start);
          expect(periods.at(-1)?.endDay).toBe(end);
          for (const [at, period] of periods.entries()) {
            expect(period.endDay >= period.startDay).toBe(true);
            const next = periods[at + 1]?.startDay ?? addDays(end, 1);
            expect(addDays(period.endDay, 1)).toBe(next);
          }
        },
      ),
    );
  });
});
