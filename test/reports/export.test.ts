import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expireHold, releaseHold } from '../../src/core/ledger/end-hold.ts';
import { toDecimal } from '../../src/core/money/money.ts';
import { fromMicros } from '../../src/core/money/storage.ts';
import { type CliSite, cliSite } from '../support/cli.ts';
import { askKeyless, place, tryCharge } from '../support/policy.ts';
import { hledger } from '../support/programs.ts';

// One ledger with every kind of transaction, exported four ways.

const GOLDEN = resolve('test/golden/reports');
const YEAR = ['--start', '2026-01-01', '--end', '2027-12-31'];
const DAY = 86_400;
const hasHledger = hledger('--version').status === 0;

let site: CliSite;

function token(letter: string): string {
  return letter.repeat(26);
}

beforeAll(async () => {
  site = await cliSite();
  await site.ok(
    ...['account', 'create', '--account', 'ml-7', '--budget', '1000', ...YEAR],
    ...['--name', 'Machine "learning", 7'],
  );
  await site.ok(
    'account',
    'create',
    '--account',
    'bio.2',
    '--name',
    'B',
    '--budget',
    '50.5',
    ...YEAR,
  );
  await site.ok(
    'account',
    'deposit',
    'ml-7',
    '--amount',
    '0.000001',
    '--reason',
    '=HYPERLINK(1); 2',
  );
  const ledger = site.ledger();
  const run = { jobId: 4711, arrayTask: -1, submitS: 1_795_262_400, restart: 0 };
  await place(ledger, { account: 'ml-7', token: token('a'), task: '100', run });
  site.forward(3600);
  await tryCharge(ledger, token('a'), '61.25');
  await tryCharge(ledger, token('a'), '60', { amend: true });
  await place(ledger, { account: 'bio.2', token: token('b'), task: '1.333333' });
  await askKeyless(ledger, { holds: { tokens: [token('b')] } }, (view) =>
    releaseHold(view, { token: token('b'), cause: 'recovery' }),
  );
  await tryCharge(ledger, token('b'), '0.5');
  await place(ledger, { account: 'bio.2', token: token('c'), task: '2' });
  await askKeyless(ledger, { holds: { tokens: [token('c')] } }, (view) =>
    expireHold(view, { token: token('c') }),
  );
  site.forward(20 * DAY);
  // Of November, amended in December: a correction of an earlier billing period.
  await tryCharge(ledger, token('a'), '59.5', { amend: true });
  await place(ledger, { account: 'ml-7', token: token('d'), task: '12' });
});
afterAll(() => site.close());

async function exported(...args: readonly string[]): Promise<string> {
  return await site.ok('transactions', 'export', ...args);
}

describe('transactions export', () => {
  it('counts a limit in rows that the format has', async () => {
    const all = await site.ok('transactions', 'export', '--format', 'focus');
    const some = ['--format', 'focus', '--limit', '2', '--offset', '1'];
    const [head = '', , second = '', third = ''] = all.split('\n');
    expect(await site.ok('transactions', 'export', ...some)).toBe(
      `${[head, second, third].join('\n')}\n`,
    );
  });

  it.each(['csv', 'jsonl', 'hledger', 'focus'])('%s', async (format) => {
    const text = await exported('--format', format, '--all');
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `export.${format}.txt`));
  });

  it('has in JSON lines what the list has, the other way round', async () => {
    const lines = (await exported('--format', 'jsonl', '--all')).trimEnd().split('\n');
    const listed = await site.json('transactions', 'list', '--all', '--limit', '1000');
    expect(lines.map((line) => JSON.parse(line) as unknown).toReversed()).toEqual(listed);
  });

  it.each([
    ['--account', 'bio.2'],
    ['--type', 'charge'],
    ['--status', 'pending'],
    ['--job', '4711'],
    ['--last', '1d', '--all'],
    ['--start', '2026-12-01'],
    ['--end', '2026-11-30'],
  ])('takes the filters of the list: %s %s', async (...filter) => {
    const lines = (await exported('--format', 'jsonl', ...filter)).split('\n').filter(Boolean);
    const listed = await site.json('transactions', 'list', '--limit', '1000', ...filter);
    expect(lines.map((line) => JSON.parse(line) as unknown).toReversed()).toEqual(listed);
    expect(lines.length).toBeGreaterThan(0);
  });

  it('pages', async () => {
    const all = (await exported('--format', 'csv')).split('\n');
    const page = (await exported('--format', 'csv', '--offset', '2', '--limit', '3')).split('\n');
    expect(page).toEqual([all[0], ...all.slice(3, 6), '']);
  });

  it('writes a file and says so', async () => {
    const output = join(site.root, 'books.csv');
    const done = await site.json('transactions', 'export', '--output', output);
    expect(done).toEqual({ format: 'csv', output, count: 10 });
    expect(readFileSync(output, 'utf8')).toBe(await exported('--format', 'csv'));
  });

  it('refuses what it cannot do', async () => {
    const wrong = await site.asbb('transactions', 'export', '--json');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('give --output')]);
    const none = await site.asbb('transactions', 'export', '--type', 'holds');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no such type')]);
    const nowhere = await site.asbb('transactions', 'export', '--output', '/nowhere/x');
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('not written')]);
  });

  it('does not hand a formula to a spreadsheet', async () => {
    expect(await exported('--format', 'csv', '--all')).toContain("'=HYPERLINK(1); 2");
  });
});

interface Balance {
  readonly kind: string;
  readonly owner: bigint;
  readonly account: string | null;
  readonly amount: bigint;
}

/** Where hledger finds what the books call so. */
function nameOf({ kind, owner, account }: Balance): string {
  const words: Readonly<Record<string, string>> = {
    fa_held: 'held indirect',
    fa_spent: 'spent indirect',
  };
  return account === null ? kind : `accounts:${account}:budget ${owner}:${words[kind] ?? kind}`;
}

describe.skipIf(!hasHledger)('hledger', () => {
  it('has the balances of the books', async () => {
    const file = join(site.root, 'books.journal');
    await site.ok('transactions', 'export', '--format', 'hledger', '--output', file);
    const balance = ['balance', '--flat', '--no-total', '--empty', '-O', 'csv'];
    const { stdout } = hledger('-f', file, ...balance);
    const rows = [...stdout.matchAll(/^"([^"]+)","(-?[\d.]+|0)(?: USD)?"$/gmu)].map(
      ([, name = '', amount = '']) => [name, Number(amount)] as const,
    );
    const balances =
      site.raw(`SELECT a.kind, a.owner_id owner, c.name account, b.amount_micro amount
      FROM ledger_account a JOIN balance b USING(la_id)
      LEFT JOIN budget g ON g.budget_id=a.owner_id AND a.kind<>'source' LEFT JOIN account c USING(account_id)
      WHERE EXISTS(SELECT 1 FROM posting p WHERE p.la_id=a.la_id)`) as readonly Balance[];
    const expected = balances.map(
      (row) => [nameOf(row), Number(toDecimal(fromMicros(row.amount)))] as const,
    );
    expect(new Map(rows)).toEqual(new Map(expected));
    expect(rows.length).toBeGreaterThan(5);
    expect(hledger('-f', file, 'check')).toMatchObject({ status: 0, stderr: '' });
  });
});
