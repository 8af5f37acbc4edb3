import { expect, it } from 'vitest';
import { testNames } from '../support/test-names.ts';

/** The catalogue of burst.md 11. */
const FAULTS = Array.from({ length: 57 }, (_, at) => `F${at + 1}`);

it('burst.md 11: every fault of the catalogue has a test that names it', () => {
  const named = new Set(testNames().flatMap(({ name }) => name.match(/\bF\d{1,2}\b/gu) ?? []));
  expect(FAULTS.filter((fault) => !named.has(fault))).toEqual([]);
});
