import { afterAll, beforeAll, expect, it } from 'vitest';
import { didYouMean } from '../../src/core/config/did-you-mean.ts';
import { type CliSite, cliSite } from '../support/cli.ts';
import { words } from '../support/golden.ts';

// A wrong name, a wrong amount, the same command twice: what is said, and that a refusal changes nothing.

const DAYS = '--start 2026-01-01 --end 2027-12-31';
let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  await site.ok(...words(`account create --account lab --name Lab --budget 1000 ${DAYS}`));
  await site.ok(...words(`account create --account Lab --name Other --budget 1000 ${DAYS}`));
  await site.ok(
    ...words(`grant create --number NSF-1 --agency NSF --pi Ada --institution U ${DAYS}`),
    ...words('--amount 5000'),
  );
});
afterAll(() => site.close());

function books(): unknown {
  return ['txn', 'award', 'entry', 'balance'].map((name) => site.raw(`SELECT * FROM ${name}`));
}

it.each([
  ['usage show lba', 3, "Budget account 'lba' not found (did you mean lab?)"],
  ['forecast lba --account', 3, "Budget account 'lba' not found (did you mean lab?)"],
  ['burn-rate NSF-11 --grant', 3, "Grant 'NSF-11' not found (did you mean NSF-1?)"],
  ['grant supplement NSF-1 --amount 99999999999999 --reference A', 2, 'dollars below 10^12'],
  ['grant supplement NSF-1 --amount 999999999999 --reference A', 2, 'more than $999999999999.99'],
])('%s', async (line, code, text) => {
  const before = books();
  const done = await site.asbb(...words(line));
  expect([done.code, done.stderr]).toEqual([code, expect.stringContaining(text)]);
  expect(books()).toEqual(before);
});

it('books a real cost above what is there, and says so', async () => {
  const adjusted = await site.asbb(
    ...words('account adjust lab --amount 100000 --reason typo --json'),
  );
  expect([adjusted.code, adjusted.stderr]).toEqual([
    0,
    'Note: lab has less than nothing left (asbb account show lab)\n',
  ]);
  const entered = await site.asbb(
    ...words('grant entry add NSF-1 --date 2026-02-10 --category salaries --amount 20000'),
    ...words('--reference P1'),
  );
  expect([entered.code, entered.stderr]).toEqual([
    0,
    'Note: the grant had $5000.00 left that no account has: it is overdrawn\n',
  ]);
  const within = await site.asbb(...words('account adjust Lab --amount 1 --reason fine'));
  expect(within.stderr).toBe('');
  await site.ok('ledger', 'verify');
});

it('suggests of two names that differ in capitals the one that is written alike', () => {
  expect(didYouMean('lba', ['Lab', 'lab'])).toBe('lab');
  expect(didYouMean('Lba', ['lab', 'Lab'])).toBe('Lab');
});
