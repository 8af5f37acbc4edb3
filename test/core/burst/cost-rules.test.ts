import { describe, expect, it } from 'vitest';
import { billedEnd, instanceEnd, isFree } from '../../../src/core/burst/cost/interval.ts';
import { pricedSegments, segmentsOf } from '../../../src/core/burst/cost/segments.ts';
import { withDiscount } from '../../../src/core/burst/prices.ts';
import { sum, toMicrosText } from '../../../src/core/money/money.ts';
import {
  microsPerHour,
  parseRate,
  rateFromE10Text,
  toE10Text,
} from '../../../src/core/money/rate.ts';

// The rules of burst.md 8.2 one by one, by their ids.

const LAUNCH = 1_795_262_400;
const PAYERS = [{ payer: { kind: 'hold', holdId: 1, jobId: 1 }, weight: 1 }] as const;

function e10(text: string): string {
  const rate = parseRate(text);
  return rate === undefined ? 'none' : toE10Text(rate);
}

/** Micro-dollars of a life at prices that hold from a second after the launch on. */
function cost(seconds: number, prices: readonly (readonly [fromS: number, e10: string])[]): string {
  const rates = prices.map(([fromS, text]) => ({
    fromS: LAUNCH + fromS,
    rate: rateFromE10Text(text),
  }));
  const stretch = { fromS: LAUNCH, toS: LAUNCH + seconds, payers: PAYERS };
  const priced = pricedSegments([], segmentsOf([stretch], rates));
  return toMicrosText(sum(priced.map(({ amount }) => amount)));
}

const EVIDENCE = {
  launchS: LAUNCH,
  stateTransitionReason: '',
  stateReasonCode: 'Client.UserInitiatedShutdown',
  wasRunning: true,
  seenS: LAUNCH + 900,
};

describe('COST-1: prices are exact to 1e-10 dollar per hour', () => {
  it.each([
    ['0.17', '1700000000'],
    ['0.0000000001', '1'],
    ['3.888', '38880000000'],
    ['0.06812345678', '681234568'], // an 11th decimal, rounded half up once
    ['0.00000000005', '1'],
    ['0.00000000004', '0'],
    ['-1', 'none'],
    ['1e3', 'none'],
    ['', 'none'],
  ])('%s is %s', (text, wanted) => {
    expect(e10(text)).toBe(wanted);
  });

  it('is shown per hour in micro-dollars, half up', () => {
    expect(toMicrosText(microsPerHour(rateFromE10Text('681235000')))).toBe('68124');
    expect(toMicrosText(microsPerHour(rateFromE10Text('681234999')))).toBe('68123');
  });
});

describe('COST-2: from the launch to the time that EC2 tells', () => {
  it.each([
    [
      'StateTransitionReason before all others',
      {
        stateTransitionReason: 'User initiated (2026-11-21 12:05:00 GMT)',
        answer: { atS: LAUNCH + 1, previousState: 'running' },
      },
      300,
    ],
    ['our own terminate answer', { answer: { atS: LAUNCH + 120, previousState: 'running' } }, 120],
    ['the spot request', { spotUpdatedS: LAUNCH + 200 }, 200],
    ['the first listing that saw it ended', {}, 900],
    ['whole seconds, taken down', { answer: { atS: LAUNCH + 10.9, previousState: 'running' } }, 10],
    ['never before the launch', { answer: { atS: LAUNCH - 5, previousState: 'running' } }, 0],
  ])('%s', (_, more, seconds) => {
    expect(instanceEnd({ ...EVIDENCE, ...more }).endS - LAUNCH).toBe(seconds);
  });

  it('pending until our terminate answer, or failed inside EC2 unseen: costs nothing', () => {
    const never = instanceEnd({
      ...EVIDENCE,
      wasRunning: false,
      answer: { atS: LAUNCH + 30, previousState: 'pending' },
    });
    const failed = instanceEnd({
      ...EVIDENCE,
      wasRunning: false,
      stateReasonCode: 'Server.InternalError',
    });
    for (const { endS, endCause } of [never, failed]) {
      expect(isFree({ launchS: LAUNCH, endS, endCause })).toBe(true);
    }
  });
});

describe('COST-3: by the second, a minute at least', () => {
  it.each([
    [0, 60],
    [59, 60],
    [60, 60],
    [61, 61],
    [3601, 3601],
  ])('%i s are billed as %i', (lived, billed) => {
    expect(billedEnd(LAUNCH, LAUNCH + lived) - LAUNCH).toBe(billed);
  });
});

describe('COST-4: spot is paid at the price of each moment', () => {
  it('cuts where the price changes; a change before the launch is the first price', () => {
    const stretch = { fromS: LAUNCH, toS: LAUNCH + 3600, payers: PAYERS };
    const rates = [-500, 600, 1800].map((at, n) => ({
      fromS: LAUNCH + at,
      rate: rateFromE10Text(String(700_000_000 + n)),
    }));
    const segments = segmentsOf([stretch], rates);
    expect(segments.map(({ fromS, toS, rate }) => [fromS - LAUNCH, toS - LAUNCH, rate])).toEqual([
      [0, 600, rates[0]?.rate],
      [600, 1800, rates[1]?.rate],
      [1800, 3600, rates[2]?.rate],
    ]);
  });

  it('is the sum over the segments: 10 min at 7 cents, 50 at 14', () => {
    expect(
      cost(3600, [
        [0, '700000000'],
        [600, '1400000000'],
      ]),
    ).toBe('128333');
  });
});

describe('COST-5: one rounding an instance, half up', () => {
  it.each([
    [1, '18000000', '1'],
    [1, '17999999', '0'],
    [3600, '1700000000', '170000'],
    [3, '6000000', '1'],
  ])('%i s at %s are %s micro-dollars', (seconds, rate, micros) => {
    expect(cost(seconds, [[0, rate]])).toBe(micros);
  });

  it('however often the price changes: a thousand segments round once', () => {
    const prices = Array.from({ length: 1000 }, (_, at) => [at, '12345678'] as const);
    expect(cost(1000, prices)).toBe(cost(1000, [[0, '12345678']]));
  });
});

describe('COST-6: taken back by EC2 in the first hour is free', () => {
  it.each([
    ['spot', 3599, true],
    ['spot', 3600, false],
    ['user', 100, false],
    ['server', 100, false],
  ])('%s after %i s: free %s', (endCause, seconds, free) => {
    expect(isFree({ launchS: LAUNCH, endS: LAUNCH + seconds, endCause })).toBe(free);
  });

  it('our own end after a notice is charged', () => {
    const { endCause } = instanceEnd({
      ...EVIDENCE,
      answer: { atS: LAUNCH + 100, previousState: 'running' },
    });
    expect(endCause).toBe('user');
  });
});

describe('COST-7: discounts by type pattern, half up', () => {
  const rate = rateFromE10Text('1700000001');

  it.each([
    ['c5.xlarge', { 'c5.*': '5' }, '1615000001'],
    ['c5.xlarge', { 'c5.xlarge': '33.3333' }, '1133333901'],
    ['c5.xlarge', { '*': '100' }, '0'],
    ['c5.xlarge', { 'c6i.*': '5' }, '1700000001'],
    ['c5n.xlarge', { 'c5.*': '5' }, '1700000001'],
    ['c5.xlarge', { '*.xlarge': '50' }, '850000001'],
    ['c5.xlarge', { 'c5.*': '5', '*': '50' }, '1615000001'], // the first that fits
    ['c5.xlarge', {}, '1700000001'],
  ])('%s with %j', (type, discounts, wanted) => {
    expect(toE10Text(withDiscount(rate, type, discounts))).toBe(wanted);
  });
});
