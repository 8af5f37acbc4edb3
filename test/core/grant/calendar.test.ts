import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  dayOf,
  daysBetween,
  dayText,
  endOfDay,
  instantText,
  momentText,
  monthsBefore,
  nextDay,
  parseDate,
  parseDay,
  parseEnd,
  parseStart,
  startOfDay,
} from '../../../src/core/grant/calendar.ts';
import '../../support/property.ts';

const ZONES = [
  ...['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe'],
  ...['Pacific/Apia', 'Pacific/Kiritimati', 'Africa/Cairo', 'America/Sao_Paulo', 'Asia/Beirut'],
];
const zone = fc.constantFrom(...ZONES);
/** 1990 to 2039. */
const instant = fc.integer({ min: 631_152_000, max: 2_208_988_799 });

function at(text: string): number {
  return Date.parse(text) / 1000;
}

function monthOf(day: number): number {
  return Math.floor(day / 10_000) * 12 + (Math.floor(day / 100) % 100);
}

describe('days of a zone', () => {
  it.each([
    ['2026-11-21T00:00:00Z', 'UTC', 20_261_121],
    ['2026-11-21T04:59:59Z', 'America/New_York', 20_261_120],
    ['2026-11-21T05:00:00Z', 'America/New_York', 20_261_121],
    ['2026-11-20T10:00:00Z', 'Pacific/Kiritimati', 20_261_121],
    ['2024-02-29T12:00:00Z', 'Asia/Kolkata', 20_240_229],
  ])('%s in %s is %i', (text, name, day) => {
    expect(dayOf(at(text), name)).toBe(day);
  });

  it.each([
    // The clocks go forward at midnight: the first instant of the day is 01:00.
    [20_181_104, 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    [20_260_308, 'America/New_York', '2026-03-08T05:00:00Z'],
    [20_261_101, 'America/New_York', '2026-11-01T04:00:00Z'],
    // Apia had no 30 December 2011: the day after the 29th.
    [20_111_231, 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ])('%i in %s begins %s', (day, name, text) => {
    expect(instantText(startOfDay(day, name))).toBe(text);
  });

  it('begin where the day before ends, and have 23 to 25 hours', () => {
    fc.assert(
      fc.property(instant, zone, (seconds, name) => {
        const day = dayOf(seconds, name);
        const start = startOfDay(day, name);
        const end = endOfDay(day, name);
        expect(start <= seconds && seconds <= end).toBe(true);
        expect(dayOf(start - 1, name) < day && dayOf(end + 1, name) > day).toBe(true);
        expect([23, 23.5, 24, 24.5, 25]).toContain((end + 1 - start) / 3600);
      }),
      { numRuns: 150 },
    );
  });

  it('follow each other', () => {
    expect([20_240_228, 20_240_229, 20_261_231].map(nextDay)).toEqual([
      20_240_229, 20_240_301, 20_270_101,
    ]);
  });
});

describe('dates as people write them', () => {
  it.each([
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '20261121',
    'today',
    '2026-11-21 ',
  ])('%j is none', (text) => {
    expect(parseDay(text)).toBeUndefined();
    expect(parseStart(text, 'UTC')).toBeUndefined();
    expect(parseEnd(text, 'UTC')).toBeUndefined();
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-11-21T25:00:00Z',
    '2026-11-21T10:00:00',
    '2026-11-21T10:00Z',
  ])('%j is none', (text) => {
    expect(parseStart(text, 'UTC')).toBeUndefined();
  });

  it('include the end day', () => {
    expect(instantText(parseStart('2026-11-21', 'Europe/Berlin') ?? 0)).toBe(
      '2026-11-20T23:00:00Z',
    );
    expect(instantText(parseEnd('2026-11-21', 'Europe/Berlin') ?? 0)).toBe('2026-11-21T22:59:59Z');
  });

  it('take an instant as it is given', () => {
    expect(parseEnd('2026-11-21T10:00:00.9+01:00', 'UTC')).toBe(at('2026-11-21T09:00:00Z'));
  });

  it('are read back', () => {
    fc.assert(
      fc.property(instant, (seconds) => {
        const day = dayOf(seconds, 'UTC');
        expect(parseDay(dayText(day))).toBe(day);
        expect(parseStart(instantText(seconds), 'UTC')).toBe(seconds);
      }),
    );
  });
});

describe('the edges of what can be written', () => {
  it.each([
    ['UTC', '9999-12-31T23:59:59Z'],
    ['America/New_York', '9999-12-31T23:59:59Z'],
    ['Pacific/Kiritimati', '9999-12-31T09:59:59Z'],
  ])('the last day there is ends in %s with %s', (name, text) => {
    const endS = parseEnd('9999-12-31', name);
    expect(instantText(endS ?? 0)).toBe(text);
    expect(dayOf(endS ?? 0, name)).toBe(99_991_231);
  });

  it.each(['0000-01-01', '0099-12-31', '1899-12-31', '2026-11-21T24:00:00Z', '10000-01-01'])(
    '%s is nothing',
    (text) => {
      expect([parseStart(text, 'UTC'), parseEnd(text, 'UTC'), parseDate(text, 'UTC')]).toEqual([
        ...[undefined, undefined, undefined],
      ]);
    },
  );

  it('small letters are RFC 3339 too, and a date is that of the zone', () => {
    expect(parseStart('2026-11-21t23:30:00.123456789z', 'UTC')).toBe(at('2026-11-21T23:30:00Z'));
    expect(parseDate('2026-11-21t23:30:00z', 'Europe/Berlin')).toBe(20_261_122);
    expect(parseDate('2026-11-21', 'Europe/Berlin')).toBe(20_261_121);
  });
});

describe('spans and moments', () => {
  it.each([
    [20_260_331, 1, 20_260_228],
    [20_240_331, 1, 20_240_229],
    [20_260_115, 1, 20_251_215],
    [20_260_115, 13, 20_241_215],
    [20_260_115, 0, 20_260_115],
    [20_261_231, 12, 20_251_231],
  ])('%i less %i months is %i', (day, months, then) => {
    expect(monthsBefore(day, months)).toBe(then);
  });

  it.each([
    [20_260_131, 1, 20_260_228],
    [20_240_131, 1, 20_240_229],
    [20_240_229, 12, 20_250_228],
    [20_240_229, 48, 20_280_229],
    [20_250_131, 3, 20_250_430],
    [20_251_231, 2, 20_260_228],
    [20_251_130, -9, 20_250_228],
    [20_251_001, 9, 20_260_701],
    [19_991_231, 2, 20_000_229],
    [21_000_131, 1, 21_000_228],
  ])('%i and %i months is %i', (day, months, then) => {
    expect(addMonths(day, months)).toBe(then);
  });

  it.each([
    [20_250_914, 20_251_231, 108],
    [20_250_914, 20_271_231, 838],
    [20_240_228, 20_240_301, 2],
    [20_230_228, 20_230_301, 1],
    [20_260_308, 20_260_309, 1],
    [20_260_101, 20_251_231, -1],
    [20_260_101, 20_260_101, 0],
  ])('from %i to %i are %i days', (from, to, days) => {
    expect(daysBetween(from, to)).toBe(days);
    expect(addDays(from, days)).toBe(to);
  });

  it('months never skip one, nor leave the day of the anchor but at a month end', () => {
    const months = fc.integer({ min: -600, max: 600 });
    fc.assert(
      fc.property(instant, months, (seconds, count) => {
        const day = dayOf(seconds, 'UTC');
        const then = addMonths(day, count);
        expect(monthOf(then) - monthOf(day)).toBe(count);
        const isEnd = addDays(then, 1) % 100 === 1;
        expect(then % 100 === day % 100 || (isEnd && then % 100 < day % 100)).toBe(true);
      }),
    );
  });

  it('show milliseconds of our own clock, cut and not rounded', () => {
    expect(momentText(1_795_262_400_999_999)).toBe('2026-11-21T12:00:00.999Z');
  });
});
