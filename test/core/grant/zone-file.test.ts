import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteDay } from '../../../src/adapters/system/site-day.ts';
import { dayOf } from '../../../src/core/grant/calendar.ts';
import { parseZoneFile } from '../../../src/core/grant/zone-file.ts';
import '../../support/property.ts';

const ZONES = [
  ...['UTC', 'America/New_York', 'America/St_Johns', 'America/Sao_Paulo', 'Europe/Berlin'],
  ...['Europe/Dublin', 'Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Tokyo', 'Australia/Lord_Howe'],
  ...['Australia/Sydney', 'Pacific/Apia', 'Pacific/Auckland', 'Pacific/Chatham', 'Africa/Lagos'],
];
const FIRST_S = Date.UTC(1995) / 1000;
const LAST_S = Date.UTC(2060) / 1000;

describe.runIf(existsSync('/usr/share/zoneinfo/Europe/Berlin'))('the day of a zone file', () => {
  it.each(ZONES)('%s: the same as by Intl, at any instant and around every midnight', (zone) => {
    const day = siteDay(zone);
    fc.assert(
      fc.property(fc.integer({ min: FIRST_S, max: LAST_S }), (epochS) => {
        expect(day(epochS)).toBe(dayOf(epochS, zone));
      }),
      { numRuns: 200 },
    );
    // Each quarter of an hour of every day on which an hour is missing or twice somewhere.
    for (const [month, date] of [
      [2, 8],
      [2, 29],
      [3, 5],
      [8, 26],
      [9, 4],
      [9, 25],
      [10, 1],
    ] as const) {
      const begin = Date.UTC(2026, month, date - 1) / 1000;
      for (let epochS = begin; epochS < begin + 3 * 86_400; epochS += 900) {
        expect(day(epochS)).toBe(dayOf(epochS, zone));
        expect(day(epochS - 1)).toBe(dayOf(epochS - 1, zone));
      }
    }
  });
});

it.each(['', 'TZif', 'not a zone file, but long enough to hold two headers. '.repeat(3)])(
  'of other bytes is none: %s',
  (text) => {
    expect(parseZoneFile(Buffer.from(text))).toBeUndefined();
  },
);

it('of an unknown zone is an error, as by Intl', () => {
  expect(() => siteDay('Mars/Olympus')(0)).toThrow(RangeError);
});
