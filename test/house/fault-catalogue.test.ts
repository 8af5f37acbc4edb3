import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The catalogue of burst.md 11. */
const FAULTS = Array.from({ length: 57 }, (_, at) => `F${at + 1}`);

/** The string that names a test, a group of them, or a row of a table of tests. */
const NAMES = /(?:^|[^\w])(?:it|describe)(?:\.\w+)*(?:<[^>]*>)?\(\s*(['"`])(.*?)\1/gsu;
const ROW = /^\s*(?:\[\s*)?(['"`])(F\d+\b.*?)\1,/gmu;
const EACH = /\)\(\s*(['"`])(.*?)\1,/gsu;

it('burst.md 11: every fault of the catalogue has a test that names it', () => {
  const named = new Set(
    globSync('test/**/*.test.ts').flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return [NAMES, ROW, EACH]
        .flatMap((pattern) => [...text.matchAll(pattern)].map(([, , name = '']) => name))
        .flatMap((name) => name.match(/\bF\d{1,2}\b/gu) ?? []);
    }),
  );
  expect(FAULTS.filter((fault) => !named.has(fault))).toEqual([]);
});
