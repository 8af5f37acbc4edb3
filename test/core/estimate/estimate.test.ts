import { describe, expect, it } from 'vitest';
import type { Pricing } from '../../../src/core/burst/price-job.ts';
import { onDemandRates } from '../../../src/core/burst/prices.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { type EstimateAsk, estimateJob } from '../../../src/core/estimate/estimate.ts';
import type { CostModelRow } from '../../../src/core/estimate/learning.ts';
import { holdFor, parseForeignAmount } from '../../../src/core/money/estimate.ts';
import { toDecimal } from '../../../src/core/money/money.ts';
import { parseWallTime } from '../../../src/core/slurm/wall-time.ts';
import { usd } from '../../support/dollars.ts';
import { exampleSettings } from '../../support/settings.ts';

const JOB: EstimateAsk = {
  account: 'ml-7',
  partitions: ['cpu'],
  nodes: 1,
  cpus: 4,
  gpus: 0,
  wallTime: 3600,
  profile: '',
};

function pricingWith(integration: Record<string, unknown> = {}, prices = true): Pricing {
  const settings = exampleSettings({ integration });
  const rates = onDemandRates(settings, undefined);
  return { settings, rateOf: prices ? rates : () => undefined, priceDate: '' };
}

function told(
  ask: Partial<EstimateAsk>,
  integration: Record<string, unknown> = {},
  models: readonly CostModelRow[] = [],
) {
  const answer = estimateJob({ ...JOB, ...ask }, pricingWith(integration), models);
  return isRefused(answer)
    ? answer.code
    : `${toDecimal(answer.estimate)} ${toDecimal(answer.hold)} ${answer.confidence}`;
}

describe('the hold of an estimate', () => {
  it.each([
    ['125.00', '1.2', '150'],
    ['125.50', '1.2', '150.6'],
    ['7.33', '1.25', '9.1625'],
    ['0.000001', '1.2', '0.000002'],
    ['100', '0.5', '50'],
    ['0', '1.2', '0'],
  ])('%s × %s = %s', (estimate, factor, hold) => {
    expect(toDecimal(holdFor(usd(estimate), factor))).toBe(hold);
  });
});

describe('wall times', () => {
  it.each([
    ['120', 7200],
    ['90:00', 5400],
    ['90:30', 5430],
    ['04:00:00', 14_400],
    ['1-12', 129_600],
    ['1-12:30', 131_400],
    ['1-12:00:00', 129_600],
    ['2h', 7200],
    ['90m', 5400],
    ['1d', 86_400],
    ['1h30m', 5400],
    ['UNLIMITED', 'UNLIMITED'],
    ['INFINITE', 'UNLIMITED'],
    ['0', 'UNLIMITED'],
    ['0h', 'UNLIMITED'],
  ])('%s', (text, seconds) => {
    expect(parseWallTime(text)).toBe(seconds);
  });
  it.each(['', ' ', 'soon', '1w', '-5', '1:2:3:4', '2 h', '1.5h', '1e3', '٣', 'h'])(
    '"%s" is none',
    (text) => {
      expect(parseWallTime(text)).toBeUndefined();
    },
  );
});

describe('amounts of other programs', () => {
  it.each([
    ['118.50000000000001', '118.5'],
    ['118.5', '118.5'],
    ['1.0000005', '1.000001'],
    ['1.00000049', '1'],
    ['-1.0000005', '-1.000001'],
    ['1.185e2', '118.5'],
    ['5E-7', '0.000001'],
    ['4e-7', '0'],
    ['0e5', '0'],
    ['999999999999.99', '999999999999.99'],
  ])('%s is %s', (text, amount) => {
    const parsed = parseForeignAmount(text);
    expect(parsed === undefined ? undefined : toDecimal(parsed)).toBe(amount);
  });
  it.each(['NaN', 'Infinity', '"1"', '', '1,5', '0x10', '1e400', '1e12', '+1', '$1', '1_0'])(
    '"%s" is none',
    (text) => {
      expect(parseForeignAmount(text)).toBeUndefined();
    },
  );
});

describe('the fallback', () => {
  it.each<[string, Partial<EstimateAsk>, Record<string, unknown>, string]>([
    [
      'SIMPLE with GPUs',
      { nodes: 2, cpus: 16, gpus: 4, partitions: ['gpu-aws'], wallTime: 14_400 },
      {},
      '89.6 107.52 60',
    ],
    ['SIMPLE, a day and a half', { wallTime: 129_600 }, {}, '14.4 17.28 60'],
    ['an aws partition by name', { partitions: ['my-AWS'] }, {}, '0.6 0.72 60'],
    ['a debug partition', { partitions: ['debug'] }, {}, '0.2 0.24 60'],
    ['gpu counts before debug', { partitions: ['debug-gpu'] }, {}, '0.8 0.96 60'],
    ['at least a cent', { cpus: 1, wallTime: 60 }, {}, '0.01 0.012 60'],
    [
      'STATIC knows no GPU and no partition',
      { nodes: 2, cpus: 16, gpus: 4, partitions: ['gpu-aws'], wallTime: 14_400 },
      { advisor_fallback: 'STATIC' },
      '12.8 15.36 50',
    ],
    ['another rate', {}, { fallback_cost_rate: '0.25' }, '1 1.2 60'],
    ['NONE', {}, { advisor_fallback: 'NONE' }, 'ADVISOR_UNAVAILABLE'],
    [
      'NONE, STRICT',
      {},
      { advisor_fallback: 'NONE', failure_mode: 'STRICT' },
      'ADVISOR_UNAVAILABLE',
    ],
    ['NONE, PERMISSIVE', {}, { advisor_fallback: 'NONE', failure_mode: 'PERMISSIVE' }, '0 0 0'],
    ['no end', { wallTime: 'UNLIMITED' }, {}, 'VALIDATION_ERROR'],
    ['the caller knows', { given: usd('125.5') }, { advisor_fallback: 'NONE' }, '125.5 150.6 0'],
    ['the caller says nothing', { given: usd('0') }, {}, '0 0 0'],
  ])('%s', (_name, ask, integration, expected) => {
    expect(told(ask, integration)).toBe(expected);
  });

  it('rounds half up to the micro-dollar', () => {
    // 0.000001 $/h × 1 CPU × 0.5 = half a micro-dollar an hour; 100001 hours of it
    expect(
      told(
        { cpus: 1, partitions: ['debug'], wallTime: 100_001 * 3600 },
        {
          fallback_cost_rate: '0.000001',
        },
      ),
    ).toBe('0.050001 0.060002 60');
  });
});

describe('the price list of burst partitions', () => {
  const [partition] = pricingWith().settings.slurm.partitions;
  const burst = { partitions: [partition?.partition_name ?? ''], cpus: 1 };

  it('prices whole nodes, time limit and overhead', () => {
    const answer = estimateJob({ ...JOB, ...burst }, pricingWith(), []);
    expect(answer).toMatchObject({ confidence: 95, recommendation: '' });
    const pricing = isRefused(answer) ? {} : JSON.parse(answer.pricing);
    expect(pricing).toMatchObject({ by: 'check', v: 1, nodes: 1, limit_s: 3600 });
  });
  it('takes the MaxTime of a job without end', () => {
    const answer = estimateJob({ ...JOB, ...burst, wallTime: 'UNLIMITED' }, pricingWith(), []);
    const pricing = isRefused(answer) ? {} : JSON.parse(answer.pricing);
    expect(pricing.limit_s).toBeGreaterThan(0);
  });
  it.each([
    ['GRACEFUL', '0.6'],
    ['PERMISSIVE', '0.6'],
    ['STRICT', undefined],
  ])('an unknown price, %s', (failureMode, estimate) => {
    const pricing = pricingWith({ failure_mode: failureMode }, false);
    const answer = estimateJob({ ...JOB, ...burst, cpus: 4 }, pricing, []);
    expect(isRefused(answer) ? undefined : toDecimal(answer.unlearned)).toBe(
      estimate === undefined ? undefined : toDecimal(usd(estimate)),
    );
  });
  it('is not asked when integration.advisor_enabled is false', () => {
    expect(told({ ...burst, cpus: 4 }, { advisor_enabled: false })).toMatch(/ 60$/u);
  });
});

describe('what was learned', () => {
  function model(key: Partial<CostModelRow>, factor: string, samples: number): CostModelRow {
    const all = { account: '*', partition: 'cpu', profile: '*', meanAccuracy: '1', updatedUs: 0 };
    return { ...all, ...key, factor, samples };
  }
  const own = { account: 'ml-7', profile: 'mpi' };
  it.each<[string, readonly CostModelRow[], string]>([
    ['too few', [model({}, '2', 4)], '0.4 0.48 60'],
    ['everybody in the partition', [model({}, '2', 5)], '0.8 0.96 65'],
    ['more and more', [model({}, '1.5', 8)], '0.6 0.72 80'],
    ['never quite sure', [model({}, '1.5', 500)], '0.6 0.72 90'],
    [
      'the most specific key',
      [model({}, '2', 500), model({ profile: 'mpi' }, '3', 50), model(own, '0.5', 5)],
      '0.2 0.24 65',
    ],
    [
      'not yet the specific one',
      [model({ profile: 'mpi' }, '3', 6), model(own, '9', 4)],
      '1.2 1.44 70',
    ],
    ['others are not asked', [model({ partition: 'gpu' }, '3', 9)], '0.4 0.48 60'],
    ['half away to the micro-dollar', [model({}, '1.000001250', 5)], '0.400001 0.480002 65'],
  ])('%s', (_name, models, expected) => {
    expect(told({ profile: 'mpi' }, {}, models)).toBe(expected);
  });
});
