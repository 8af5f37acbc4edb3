import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { endOfDay, startOfDay } from '../../src/core/grant/calendar.ts';
import { asOfDay, burnInput } from '../../src/flows/steps/burn-facts.ts';
import type { Spender } from '../../src/ports/spending.ts';
import { usd } from '../support/dollars.ts';

/** 2026-11-21 03:30 UTC. */
const clock = { nowUs: () => 1_795_231_800_000_000 };

describe('the day it is', () => {
  it.each([
    ['UTC', undefined, 20_261_121, false],
    ['America/New_York', undefined, 20_261_120, false],
    ['Pacific/Auckland', undefined, 20_261_121, false],
    ['UTC', '2026-11-20', 20_261_120, true],
    ['UTC', '2026-11-21', 20_261_121, false],
    ['UTC', '2026-11-22', 20_261_122, false],
    // The nights in which summer time begins and ends, on both sides of the equator.
    ['America/New_York', '2026-03-08T04:59:59Z', 20_260_307, true],
    ['America/New_York', '2026-03-08T05:00:00Z', 20_260_308, true],
    ['America/New_York', '2026-03-09T03:59:59Z', 20_260_308, true],
    ['America/New_York', '2026-03-09T04:00:00Z', 20_260_309, true],
    ['America/New_York', '2026-11-02T04:59:59Z', 20_261_101, true],
    ['Australia/Sydney', '2026-04-04T12:59:59Z', 20_260_404, true],
    ['Australia/Sydney', '2026-04-05T13:59:59Z', 20_260_405, true],
    ['Australia/Sydney', '2026-10-03T14:00:00Z', 20_261_004, true],
    ['Australia/Sydney', '2026-10-04T13:00:00+00:00', 20_261_005, true],
    // A day without a midnight.
    ['America/Sao_Paulo', '2018-11-04', 20_181_104, true],
  ])('in %s by %s is %d', (zone, text, day, isPast) => {
    expect(asOfDay(text, { clock, zone })).toEqual({ day, isPast });
  });

  it.each(['', 'yesterday', '2026-02-29', '2026-13-01', '21.11.2026', '2026-11-21T25:00:00Z'])(
    "'%s' is none",
    (text) => {
      const found = asOfDay(text, { clock, zone: 'UTC' });
      expect(isRefused(found) && found.code).toBe('VALIDATION_ERROR');
    },
  );
});

function spender(zone: string): Spender {
  return {
    kind: 'account',
    id: 1,
    name: 'ml-7',
    accountNames: ['ml-7'],
    startS: startOfDay(20_260_101, zone),
    endS: endOfDay(20_261_231, zone),
    budget: usd('365'),
    limit: usd('365'),
    used: usd('9'),
    held: usd('4'),
    available: usd('352'),
    days: [
      { day: 20_260_308, spent: usd('2') },
      { day: 20_261_121, spent: usd('7') },
    ],
    outside: [],
    extensions: [],
  };
}

describe('what a burn rate is made of', () => {
  it.each(['UTC', 'America/New_York', 'Australia/Sydney', 'Africa/Cairo', 'America/Santiago'])(
    'has the dates of %s',
    (zone) => {
      const { start, end } = burnInput(spender(zone), { day: 20_261_121, isPast: false }, zone);
      expect([start, end]).toEqual([20_260_101, 20_261_231]);
    },
  );

  it('of a past day knows only what was spent before it', () => {
    const { used, held } = burnInput(spender('UTC'), { day: 20_261_121, isPast: true }, 'UTC');
    expect([used, held]).toEqual([usd('2'), usd('0')]);
    const now = burnInput(spender('UTC'), { day: 20_261_121, isPast: false }, 'UTC');
    expect([now.used, now.held]).toEqual([usd('9'), usd('4')]);
  });
});
