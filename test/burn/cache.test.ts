import { expect, it } from 'vitest';
import { SqliteBurnCache } from '../../src/adapters/sqlite/sqlite-burn-cache.ts';
import { SqliteSpending } from '../../src/adapters/sqlite/sqlite-spending.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { measureBurn } from '../../src/flows/steps/measure-burn.ts';
import { type TemporaryLedger, temporaryLedger } from '../support/ledger.ts';
import { seedAccount } from '../support/seed-account.ts';
import { spend, spendDaily } from './spend.ts';

const DAY_S = 86_400;

async function measured(books: TemporaryLedger): Promise<number | undefined> {
  const burnCache = new SqliteBurnCache(books.place, books.clock);
  const spending = new SqliteSpending(books.place);
  try {
    return await measureBurn({
      ...books,
      spending,
      burnCache,
      zone: 'UTC',
    });
  } finally {
    burnCache.close();
    spending.close();
  }
}

function rows(books: TemporaryLedger): readonly Record<string, bigint>[] {
  const db = books.raw();
  const columns = 'day, spend_micro, expected_micro, rolling7_micro, cum_spend_micro, score_e4';
  return db
    .prepare<[], Record<string, bigint>>(
      `SELECT ${columns} FROM burn_rate ORDER BY account_id, day`,
    )
    .all();
}

function rowOf(books: TemporaryLedger, day: number): Record<string, bigint> | undefined {
  return rows(books).find((row) => row['day'] === BigInt(day));
}

async function site(): Promise<{ books: TemporaryLedger; start: number; today: number }> {
  const books = await temporaryLedger();
  await seedAccount(books.ledger, { name: 'ml-7', deposit: '366' });
  books.clock.forward(100 * DAY_S);
  const db = books.raw();
  const [start] = db.prepare<[], bigint>('SELECT start_s FROM account').pluck().all();
  return {
    books,
    start: dayOf(Number(start), 'UTC'),
    today: dayOf(Math.floor(books.clock.nowUs() / 1_000_000), 'UTC'),
  };
}

it('measures every day once, and those after a late charge again', async () => {
  const { books, start, today } = await site();
  await spendDaily(books.ledger, { account: 'ml-7', day: start, dollars: '2' }, 10);
  const count = await measured(books);
  expect(count).toBeGreaterThan(10);
  const first = rows(books);
  expect(first).toHaveLength(count ?? 0);
  expect(first[0]).toMatchObject({ day: BigInt(start), spend_micro: 2_000_000n });
  expect(first[9]).toMatchObject({ rolling7_micro: 2_000_000n, cum_spend_micro: 20_000_000n });
  expect(first.every(({ day }) => Number(day) < today)).toBe(true);
  expect(await measured(books)).toBeUndefined();

  books.clock.forward(DAY_S);
  await spend(books.ledger, { account: 'ml-7', day: Number(first[4]?.['day']), dollars: '7' });
  expect(await measured(books)).toBe((count ?? 0) - 4 + 1);
  expect(rows(books).slice(0, 4)).toEqual(first.slice(0, 4));
  expect(rows(books)[4]).toMatchObject({ spend_micro: 9_000_000n, cum_spend_micro: 17_000_000n });
  expect(rowOf(books, today)).toMatchObject({ spend_micro: 0n, cum_spend_micro: 27_000_000n });
});

it('is made again from the kept sums, the same', async () => {
  const { books, start } = await site();
  await spendDaily(books.ledger, { account: 'ml-7', day: start, dollars: '1.5' }, 20);
  await measured(books);
  const before = rows(books);
  const db = books.raw();
  db.exec("DELETE FROM burn_rate; DELETE FROM note WHERE name='burn:measured'");
  await measured(books);
  expect(rows(books)).toEqual(before);
});
