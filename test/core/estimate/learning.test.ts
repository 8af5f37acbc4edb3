import { describe, expect, it } from 'vitest';
import { factorOf, REMEMBERED, ratioOf } from '../../../src/core/estimate/learning.ts';
import { usd } from '../../support/dollars.ts';

function factorAfter(...ratios: readonly number[]): number {
  return Number(factorOf(ratios.map((ratio) => ({ ratio: String(ratio), accuracy: '1' }))));
}

describe('the factor', () => {
  it('follows the example of budget.md 4.12', () => {
    const first = [0.9, 1.1, 1, 1.2, 0.8];
    expect(factorAfter(...first)).toBe(1);
    expect(factorAfter(...first, 1.5)).toBe(1.1);
    expect(factorAfter(...first, 1.5, 1)).toBe(1.08);
  });
  it('is the mean of up to five', () => {
    expect(factorAfter()).toBe(1);
    expect(factorAfter(0.5)).toBe(0.5);
    expect(factorAfter(0.5, 1)).toBe(0.75);
    expect(factorAfter(1, 1, 2)).toBe(1.333_333_333);
  });
  it('needs only the last samples', () => {
    const many = Array.from({ length: REMEMBERED + 300 }, (_, at) => 0.1 + ((at * 37) % 90) / 10);
    expect(factorAfter(...many.slice(-REMEMBERED))).toBeCloseTo(factorAfter(...many), 8);
  });
});

describe('the ratio of a job', () => {
  it.each([
    ['118.5', '125', '0.948000000'],
    ['1', '100', '0.100000000'],
    ['0.000001', '100', '0.100000000'],
    ['5000', '100', '10.000000000'],
    ['1', '3', '0.333333333'],
    ['0', '100', undefined],
    ['1', '0.009999', undefined],
    ['1', '0', undefined],
  ])('%s of %s is %s', (actual, estimate, ratio) => {
    expect(ratioOf(usd(actual), usd(estimate), usd('0.01'))).toBe(ratio);
  });
});
