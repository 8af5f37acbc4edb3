import { expect, it } from 'vitest';
import { formatTasks, parseArray } from '../../../src/core/slurm/array.ts';

it.each([
  ['1-5:2', [1, 3, 5], undefined],
  ['0,7-9', [0, 7, 8, 9], undefined],
  ['1-10%2', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2],
  ['3,1,2,3', [1, 2, 3], undefined],
  ['0-6:4', [0, 4], undefined],
  ['5', [5], undefined],
])('reads %s', (text, tasks, throttle) => {
  expect(parseArray(text)).toEqual(throttle === undefined ? { tasks } : { tasks, throttle });
});

it.each([
  '',
  '-',
  '1-',
  '-1',
  '3-1',
  '1-5:0',
  '1,,2',
  'a',
  '1%',
  '%2',
  '1%0',
  '1-2%3%4',
  '1:2',
  ' 1',
  '0-99999999',
  '4000001',
])('refuses %j', (text) => {
  expect(parseArray(text)).toBeUndefined();
});

it('keeps ids below MaxArraySize', () => {
  expect(parseArray('0-1000', 1001)?.tasks).toHaveLength(1001);
  expect(parseArray('0-1001', 1001)).toBeUndefined();
});

it('shows ranges', () => {
  expect(formatTasks([1, 2, 3, 7, 9, 10])).toBe('1-3,7,9-10');
});
