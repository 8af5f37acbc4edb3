import { equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { minus, plus, sum, toMicrosText } from '../../../src/core/money/money.ts';
import { createSchedule } from '../../../src/core/schedule/create.ts';
import {
  cancelSchedule,
  pauseSchedule,
  resumeSchedule,
  updateSchedule,
} from '../../../src/core/schedule/manage.ts';
import { allocateByHand } from '../../../src/core/schedule/manual.ts';
import { FREQUENCIES } from '../../../src/core/schedule/rows.ts';
import type { ScheduleFigures } from '../../../src/core/schedule/view.ts';
import { processAllocations } from '../../../src/flows/steps/process-allocations.ts';
import { link, openAward } from '../../support/grants.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger, usd } from '../../support/ledger.ts';
import { ask, figuresOf, tryCharge, tryPlace } from '../../support/policy.ts';
import { BOUNDS } from '../../support/schedules.ts';
import '../../support/property.ts';

const RUNS = Math.max(3, Math.round(12 * Number(process.env['ASBB_TEST_SCALE'] ?? '1')));
const DAY_S = 86_400;
const SILENT = { write: () => undefined };

const dollars = fc.integer({ min: 1, max: 30_000 }).map((cents) => (cents / 100).toFixed(2));
const which = fc.integer({ min: 1, max: 3 });

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('process' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('wait' as const),
      which,
      days: fc.integer({ min: 1, max: 45 }),
    }),
  },
  fc.record({
    op: fc.constantFrom('pause' as const, 'resume' as const),
    which,
    skip: fc.boolean(),
  }),
  fc.record({
    op: fc.constant('update' as const),
    which,
    amount: fc.option(dollars, { nil: undefined }),
    frequency: fc.option(fc.constantFrom(...FREQUENCIES), { nil: undefined }),
    unspent: fc.option(fc.constantFrom('carry' as const, 'lapse' as const), { nil: undefined }),
  }),
  fc.record({ op: fc.constant('hand' as const), which, amount: dollars }),
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('spend' as const), which, amount: dollars }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel' as const), which }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function spend(
  { ledger }: TemporaryLedger,
  amount: string,
  isCharged: boolean,
): Promise<void> {
  const placed = await tryPlace(ledger, { account: 'ml-7', task: amount });
  if ('token' in placed && isCharged) {
    await tryCharge(ledger, placed.token, amount);
  }
}

async function play(books: TemporaryLedger, each: Step): Promise<void> {
  const { ledger, clock } = books;
  const scheduleId = each.which;
  const query = { schedules: { ids: [scheduleId] } };
  switch (each.op) {
    case 'process':
      await processAllocations({ verb: 'test' }, { ledger, zone: 'UTC', log: SILENT });
      return;
    case 'wait':
      clock.forward(each.days * DAY_S);
      return;
    case 'pause':
      await ask(ledger, query, (view) => pauseSchedule(view, scheduleId));
      return;
    case 'resume':
      await ask(ledger, query, (view) =>
        resumeSchedule(view, { scheduleId, skipMissed: each.skip }),
      );
      return;
    case 'cancel':
      await ask(ledger, query, (view) => cancelSchedule(view, scheduleId));
      return;
    case 'update': {
      const { frequency, unspent } = each;
      const amount = each.amount === undefined ? undefined : usd(each.amount);
      await ask(ledger, query, (view) =>
        updateSchedule(view, { scheduleId, amount, frequency, unspent }),
      );
      return;
    }
    case 'hand':
      await ask(ledger, query, (view) =>
        allocateByHand(view, { scheduleId, amount: usd(each.amount) }),
      );
      return;
    case 'spend':
      await spend(books, each.amount, each.which !== 1);
  }
}

async function schedulesOf({ ledger }: TemporaryLedger): Promise<readonly ScheduleFigures[]> {
  return (await ledger.read({ schedules: {} })).schedules ?? [];
}

/** Allocated never above the total, never less than before; the journal tells the same sum. */
async function check(
  books: TemporaryLedger,
  before: ReadonlyMap<number, ScheduleFigures>,
): Promise<void> {
  for (const figures of await schedulesOf(books)) {
    const { row, allocated } = figures;
    const earlier = before.get(row.scheduleId);
    ok(allocated >= (earlier?.allocated ?? 0n));
    ok(allocated <= row.total);
    const isOver = row.status === 'completed' || row.status === 'cancelled';
    equal(row.nextDay === undefined, isOver);
    if (earlier?.row.status === 'cancelled') {
      equal(allocated, earlier.allocated);
    }
  }
}

/** Given by schedules, less what lapsed: the limit of the account. */
async function tiesOut(books: TemporaryLedger): Promise<void> {
  const sums = books
    .raw()
    .prepare<[], bigint>(
      `SELECT COALESCE(SUM(p.amount_micro),0) FROM txn t JOIN posting p ON p.txn_seq=t.seq
        JOIN ledger_account l USING(la_id) WHERE l.kind='free' AND t.kind IN('lapse','fund','transfer','allocate')
          AND t.seq NOT IN(SELECT txn_seq FROM schedule_run)`,
    )
    .pluck();
  const { budgets } = await figuresOf(books.ledger, 'ml-7');
  const limit = sum(budgets.map(({ free, held, spent }) => plus(free, plus(held, spent))));
  const allocated = sum((await schedulesOf(books)).map((figures) => figures.allocated));
  equal(toMicrosText(minus(limit, allocated)), String(sums.get()));
}

async function site(): Promise<TemporaryLedger> {
  const books = await temporaryLedger();
  const { ledger } = books;
  await openAward(ledger, { number: 'NSF-1', dollars: '900', rateE4: 0, rateBase: 'none' });
  await seedAccount(ledger, { name: 'ml-7', deposit: '0' });
  await link(ledger, 'NSF-1', 'ml-7', { dollars: '5' });
  for (const [unspent, grant] of [['carry'], ['lapse'], ['lapse', 'NSF-1']] as const) {
    const terms = { total: usd('1500'), amount: usd('120.5'), auto: true, unspent } as const;
    await ask(ledger, { accounts: ['ml-7'] }, (view) =>
      createSchedule(view, {
        ...{ accountName: 'ml-7', grant, bounds: BOUNDS, zone: 'UTC' },
        terms: { ...terms, frequency: 'monthly' },
        startDay: addDays(view.today, 3),
      }),
    );
  }
  return books;
}

it('keeps every sum through any order of acts, and a second run does nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const books = await site();
      for (const each of steps) {
        const before = new Map(
          (await schedulesOf(books)).map((figures) => [figures.row.scheduleId, figures]),
        );
        await play(books, each);
        await check(books, before);
      }
      const ports = { ledger: books.ledger, zone: 'UTC', log: SILENT };
      await processAllocations({ verb: 'test' }, ports);
      const rows = books.raw().prepare('SELECT COUNT(*) FROM journal').pluck();
      const count = rows.get();
      expect((await processAllocations({ verb: 'test' }, ports)).allocations).toEqual([]);
      expect(rows.get()).toBe(count);
      await tiesOut(books);
      expect((await books.broken()).filter((id) => id !== 'I20')).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
