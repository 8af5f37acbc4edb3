import { expect, it } from 'vitest';
import { testNames } from '../support/test-names.ts';
import { RULES } from './rules.ts';

it('burst.md: every rule with an id has a test that names it', () => {
  const names = testNames();
  const missing = RULES.filter(({ id, below = '' }) => {
    const pattern = new RegExp(`\\b${id}\\b`, 'u');
    return !names.some(({ file, name }) => file.startsWith(below) && pattern.test(name));
  });
  expect(missing.map(({ id, words }) => `${id}: ${words}`)).toEqual([]);
});

it('no test names a rule that is not in the list', () => {
  const known = new Set(RULES.map(({ id }) => id));
  const named = testNames().flatMap(({ name }) => [
    ...name.matchAll(/\b(?:CMD|GANG|SL|NL|COST)-\d+\b/gu),
  ]);
  expect(named.map(([id]) => id).filter((id) => !known.has(id))).toEqual([]);
});
