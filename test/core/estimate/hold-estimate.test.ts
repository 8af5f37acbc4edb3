import { expect, it } from 'vitest';
import { holdEstimate } from '../../../src/core/estimate/hold-estimate.ts';
import { toDecimal } from '../../../src/core/money/money.ts';

function told(pricing: object | string) {
  const text = typeof pricing === 'string' ? pricing : JSON.stringify(pricing);
  const { estimate, unlearned, isChecked, profile } = holdEstimate({ pricing: text });
  const shown = [estimate, unlearned].map((each) => (each === undefined ? '-' : toDecimal(each)));
  return `${shown.join(' ')} ${isChecked} ${profile}`;
}

it.each<[string, object | string, string]>([
  ['by hand', '', '- - false '],
  [
    'by a hook: its price without the percentage',
    { v: 1, nodes: 2, rate_e10: '10000000000', limit_s: 3000, overhead_s: 600, factor: '1.2' },
    '2 2 false ',
  ],
  [
    'by check, with a learned factor',
    { by: 'check', estimate: '2500000', unlearned: '2000000', profile: 'mpi' },
    '2.5 2 true mpi',
  ],
])('a hold placed %s', (_name, pricing, expected) => {
  expect(told(pricing)).toBe(expected);
});
