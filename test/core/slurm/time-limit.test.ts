import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimeLimit, parseTimeLimit, toMinutes } from '../../../src/core/slurm/time-limit.ts';
import '../../support/property.ts';

describe('parseTimeLimit', () => {
  it.each([
    ['90', 5400],
    ['0', 0],
    ['1:30', 90],
    ['10:00', 600],
    ['2:00:00', 7200],
    ['1-0', 86_400],
    ['1-12', 129_600],
    ['1-12:30', 131_400],
    ['1-00:00:01', 86_401],
    ['00:05:00', 300],
    ['UNLIMITED', 'UNLIMITED'],
    ['infinite', 'UNLIMITED'],
  ])('%s', (text, seconds) => {
    expect(parseTimeLimit(text)).toBe(seconds);
  });

  it.each([
    '',
    ' ',
    '-1',
    '1.5',
    '1h',
    'Partition_Limit',
    '1-',
    '1:2:3:4',
    '1-1:2:3:4',
    '+5',
    '0x10',
    '9'.repeat(10),
    '9'.repeat(400),
    '5\n',
  ])('refuses %j', (text) => {
    expect(parseTimeLimit(text)).toBeUndefined();
  });
});

describe('formatTimeLimit', () => {
  it.each([
    [300, '00:05:00'],
    [86_399, '23:59:59'],
    [86_400, '1-00:00:00'],
    ['UNLIMITED', 'UNLIMITED'],
  ] as const)('%s', (seconds, text) => {
    expect(formatTimeLimit(seconds)).toBe(text);
  });

  it('is read back', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), (seconds) => {
        expect(parseTimeLimit(formatTimeLimit(seconds))).toBe(seconds);
      }),
    );
  });
});

it('rounds minutes up, as SLURM does', () => {
  expect([0, 1, 60, 61].map(toMinutes)).toEqual([0, 1, 1, 2]);
});
