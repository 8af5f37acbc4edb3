import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, dayOf, dayText, startOfDay } from '../../../src/core/grant/calendar.ts';
import { dueDay, indexFrom } from '../../../src/core/schedule/dates.ts';
import { FREQUENCIES, type Frequency } from '../../../src/core/schedule/rows.ts';
import '../../support/property.ts';

function dates(anchor: string, frequency: Frequency, count: number): readonly string[] {
  const day = Number(anchor.replaceAll('-', ''));
  return Array.from({ length: count }, (_, k) => dayText(dueDay(day, frequency, k)));
}

describe('due dates (budget.md 4.5)', () => {
  it.each([
    // Month ends come from the anchor: no drift.
    ['2025-01-31', 'monthly', '2025-01-31 2025-02-28 2025-03-31 2025-04-30 2025-05-31'],
    ['2024-01-31', 'monthly', '2024-01-31 2024-02-29 2024-03-31'],
    ['2025-01-30', 'monthly', '2025-01-30 2025-02-28 2025-03-30'],
    ['2025-01-29', 'monthly', '2025-01-29 2025-02-28 2025-03-29'],
    ['2024-12-31', 'monthly', '2024-12-31 2025-01-31 2025-02-28'],
    ['2025-01-01', 'monthly', '2025-01-01 2025-02-01 2025-03-01'],
    ['2024-02-29', 'yearly', '2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29'],
    ['2096-02-29', 'yearly', '2096-02-29 2097-02-28 2098-02-28 2099-02-28 2100-02-28'],
    ['2025-11-30', 'quarterly', '2025-11-30 2026-02-28 2026-05-30 2026-08-30 2026-11-30'],
    ['2023-11-30', 'quarterly', '2023-11-30 2024-02-29 2024-05-30'],
    ['2025-01-01', 'quarterly', '2025-01-01 2025-04-01 2025-07-01 2025-10-01'],
    ['2024-02-27', 'daily', '2024-02-27 2024-02-28 2024-02-29 2024-03-01'],
    ['2025-02-27', 'daily', '2025-02-27 2025-02-28 2025-03-01'],
    ['2024-12-30', 'daily', '2024-12-30 2024-12-31 2025-01-01'],
    ['2024-02-22', 'weekly', '2024-02-22 2024-02-29 2024-03-07'],
    ['2025-12-24', 'weekly', '2025-12-24 2025-12-31 2026-01-07'],
  ] as const)('%s %s', (anchor, frequency, expected) => {
    const wanted = expected.split(' ');
    expect(dates(anchor, frequency, wanted.length)).toEqual(wanted);
  });

  it('rise, one step apart, whatever the anchor', () => {
    const days = fc.integer({ min: 0, max: 60_000 }).map((n) => addDays(19_700_101, n));
    fc.assert(
      fc.property(days, fc.constantFrom(...FREQUENCIES), fc.nat(400), (anchor, frequency, k) => {
        const [a, b] = [dueDay(anchor, frequency, k), dueDay(anchor, frequency, k + 1)];
        expect(a).toBeLessThan(b);
        // Never later than the anchor's own day of the month.
        const isByMonth = frequency !== 'daily' && frequency !== 'weekly';
        expect(isByMonth ? a % 100 : 0).toBeLessThanOrEqual(anchor % 100);
      }),
    );
  });

  it('are found again from any day', () => {
    const row = { anchorDay: 20_250_131, frequency: 'monthly', anchorIndex: 0 } as const;
    function of(day: number): number {
      return indexFrom({ ...ROW, ...row }, day);
    }
    expect([20_250_101, 20_250_131, 20_250_201, 20_250_228, 20_250_301].map(of)).toEqual([
      ...[0, 0, 1, 1, 2],
    ]);
  });
});

const ROW = {
  ...{ scheduleId: 1, budgetId: 1, total: 0n, amount: 0n, unspent: 'carry', status: 'active' },
  ...{ auto: true, startDay: 20_250_131, createdUs: 0, updatedUs: 0 },
} as unknown as Parameters<typeof indexFrom>[0]; // only its dates are looked at

describe('the first second of a due date in the site zone', () => {
  it.each([
    // North: clocks go forward in March, back in November.
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z'],
    ['America/New_York', '2026-11-02', '2026-11-02T05:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z'],
    // South: forward in October, back in April.
    ['Australia/Sydney', '2026-04-05', '2026-04-04T13:00:00.000Z'],
    ['Australia/Sydney', '2026-10-04', '2026-10-03T14:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00.000Z'],
    // Midnight does not exist: the first instant of the date that does.
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z'],
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z'],
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    // A day that was left out altogether (2011-12-30 in Samoa): the next one.
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z'],
  ])('%s %s', (zone, date, expected) => {
    const day = Number(date.replaceAll('-', ''));
    const first = startOfDay(day, zone);
    expect(new Date(first * 1000).toISOString()).toBe(expected);
    expect(dayOf(first, zone)).toBe(day);
    expect(dayOf(first - 1, zone)).toBeLessThan(day);
  });
});
