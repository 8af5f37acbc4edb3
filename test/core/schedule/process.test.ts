import { describe, expect, it } from 'vitest';
import { assert, isRefused } from '../../../src/core/errors.ts';
import { createSchedule } from '../../../src/core/schedule/create.ts';
import {
  cancelSchedule,
  pauseSchedule,
  resumeSchedule,
  updateSchedule,
} from '../../../src/core/schedule/manage.ts';
import { allocateByHand } from '../../../src/core/schedule/manual.ts';
import { link, openAward } from '../../support/grants.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import { ask, codeOf, place, sumsOf, tryCharge } from '../../support/policy.ts';
import {
  BOUNDS,
  datesOf,
  run,
  scheduleOf,
  seedSchedule,
  stateOf,
} from '../../support/schedules.ts';

const ONE = { schedules: { ids: [1] } };
/** The clock of temporary ledgers stands at 2026-11-21: seeds begin later. */
const MONTHLY = { total: '350', amount: '100', frequency: 'monthly', start: '2027-01-31' } as const;

describe('processing (budget.md 4.5)', () => {
  it('catches up every missed date in one run, and the last one gets what remains', async () => {
    const { ledger } = await temporaryLedger();
    await seedSchedule(ledger, MONTHLY);
    expect(await stateOf(ledger)).toBe('active 0/350 next 2027-01-31');
    expect(datesOf(await run(ledger, '2027-04-01'))).toEqual([
      ...['2027-01-31 100', '2027-02-28 100', '2027-03-31 100'],
    ]);
    expect(await stateOf(ledger)).toBe('active 300/350 next 2027-04-30');
    expect(datesOf(await run(ledger, '2027-04-01'))).toEqual([]);
    expect(datesOf(await run(ledger, '2027-05-01'))).toEqual(['2027-04-30 50']);
    expect(await stateOf(ledger)).toBe('completed 350/350');
    expect(datesOf(await run(ledger, '2029-05-01'))).toEqual([]);
    expect(await sumsOf(ledger, 'ml-7')).toBe('350 0 0 350');
  });

  it.each([
    ['600', '100', 'monthly', 6, '2025-06-01'],
    ['1200', '100', 'monthly', 12, '2025-12-01'],
    ['520', '10', 'weekly', 52, '2025-12-24'],
    ['4000', '1000', 'quarterly', 4, '2025-10-01'],
    ['0.03', '0.01', 'daily', 3, '2025-01-03'],
    ['30', '10', 'yearly', 1, '2025-01-01'],
  ] as const)('the README: %s at %s %s', async (...example) => {
    const [total, amount, frequency, count, last] = example;
    const { ledger, raw } = await temporaryLedger();
    const start = '2025-01-01';
    // Created late: everything is due in the same transaction, though the account's end is past.
    await seedSchedule(ledger, { total, amount, frequency, start, end: '2025-12-31' });
    const days = raw().prepare('SELECT due_day FROM schedule_run ORDER BY 1').pluck().all();
    expect(days).toHaveLength(count);
    expect(String(days.at(-1))).toBe(last.replaceAll('-', ''));
    expect((await scheduleOf(ledger, 1)).row.status).toBe('completed');
  });

  it('ends with the account or with its own end; the rest stays unallocated', async () => {
    const { ledger } = await temporaryLedger();
    await seedSchedule(ledger, { ...MONTHLY, end: '2027-03-31' });
    await run(ledger, '2027-03-01');
    expect(await stateOf(ledger)).toBe('active 200/350 next 2027-03-31');
    await run(ledger, '2027-03-31');
    expect(await stateOf(ledger)).toBe('completed 300/350');
  });

  it.each(['suspended', 'inactive', 'expired'] as const)('skips a %s account', async (status) => {
    const { ledger } = await temporaryLedger();
    await seedSchedule(ledger, MONTHLY);
    await ask(ledger, { accounts: ['ml-7'] }, (view) => ({
      changes: view.accounts.map(({ account }) => ({
        change: 'putAccount' as const,
        row: { ...account, status },
      })),
      answer: null,
    }));
    expect(datesOf(await run(ledger, '2027-04-01'))).toEqual([]);
    expect(await stateOf(ledger)).toBe('active 0/350 next 2027-01-31');
  });

  it('posts one that is not automatic only when it is named', async () => {
    const { ledger } = await temporaryLedger();
    await seedSchedule(ledger, { ...MONTHLY, auto: false });
    expect(datesOf(await run(ledger, '2027-04-01'))).toEqual([]);
    expect(datesOf(await run(ledger, '2027-02-01', { ids: [1] }))).toEqual(['2027-01-31 100']);
  });

  it('books each date on itself, by the site zone', async () => {
    const zone = 'America/New_York';
    const { ledger, raw } = await temporaryLedger({ zone });
    const start = '2027-03-13';
    await seedSchedule(ledger, { ...MONTHLY, frequency: 'daily', start, zone });
    await run(ledger, '2027-03-15', { zone });
    expect(raw().prepare('SELECT day, effective_s FROM txn ORDER BY seq').raw().all()).toEqual([
      [20_270_313n, BigInt(Date.parse('2027-03-13T05:00:00Z') / 1000)],
      [20_270_314n, BigInt(Date.parse('2027-03-14T05:00:00Z') / 1000)],
      [20_270_315n, BigInt(Date.parse('2027-03-15T04:00:00Z') / 1000)],
    ]);
  });
});

describe('use it or lose it', () => {
  it('takes what is left of the last allocation off before the next one', async () => {
    const { ledger, raw } = await temporaryLedger();
    await seedSchedule(ledger, {
      ...{ total: '400', amount: '100', frequency: 'daily', start: '2026-11-20' },
      unspent: 'lapse',
    });
    // 11-20 lapsed whole when 11-21 was posted.
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 0 0 100');
    const token = await place(ledger, { account: 'ml-7', task: '40' });
    await place(ledger, { account: 'ml-7', task: '10' });
    await tryCharge(ledger, token, '30');
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 30 10 60');
    // Of 100: 30 spent, 10 held, so 60 lapse.
    await run(ledger, '2026-11-22');
    expect(await sumsOf(ledger, 'ml-7')).toBe('140 30 10 100');
    expect(await stateOf(ledger)).toBe('active 300/400 next 2026-11-23');
    const lapses = raw().prepare("SELECT key FROM idem WHERE key LIKE 'lapse:%' ORDER BY key");
    expect(lapses.pluck().all()).toEqual(['lapse:1:20261121', 'lapse:1:20261122']);
    // Lost to the schedule too.
    await run(ledger, '2027-01-01');
    expect(await stateOf(ledger)).toBe('completed 400/400');
    expect(await sumsOf(ledger, 'ml-7')).toBe('150 30 10 110');
  });
});

describe('people', () => {
  it('pause and resume: caught up, or skipped so that it ends later', async () => {
    const { ledger, clock } = await temporaryLedger();
    await seedSchedule(ledger, { ...MONTHLY, start: '2026-12-01' });
    await ask(ledger, ONE, (view) => pauseSchedule(view, 1));
    expect(datesOf(await run(ledger, '2027-03-15'))).toEqual([]);
    expect(await stateOf(ledger)).toBe('paused 0/350 next 2026-12-01');
    clock.forward(60 * 86_400); // 2027-01-20
    await ask(ledger, ONE, (view) => resumeSchedule(view, { scheduleId: 1, skipMissed: true }));
    expect(await stateOf(ledger)).toBe('active 0/350 next 2027-02-01');
    expect(datesOf(await run(ledger, '2027-03-15'))).toEqual(['2027-02-01 100', '2027-03-01 100']);
    await ask(ledger, ONE, (view) => pauseSchedule(view, 1));
    await ask(ledger, ONE, (view) => resumeSchedule(view, { scheduleId: 1, skipMissed: false }));
    expect(datesOf(await run(ledger, '2027-06-15'))).toEqual(['2027-04-01 100', '2027-05-01 50']);
    expect(codeOf(await ask(ledger, ONE, (view) => pauseSchedule(view, 1)))).toBe(
      'VALIDATION_ERROR',
    );
  });

  it('another frequency counts from the next date on, another amount from now on', async () => {
    const { ledger } = await temporaryLedger();
    await seedSchedule(ledger, { ...MONTHLY, total: '1000' });
    await run(ledger, '2027-02-28');
    await ask(ledger, ONE, (view) =>
      updateSchedule(view, { scheduleId: 1, frequency: 'weekly', amount: usd('70') }),
    );
    expect(await stateOf(ledger)).toBe('active 200/1000 next 2027-03-31');
    expect(datesOf(await run(ledger, '2027-04-14'))).toEqual([
      ...['2027-03-31 70', '2027-04-07 70', '2027-04-14 70'],
    ]);
    expect((await scheduleOf(ledger, 1)).row).toMatchObject({
      anchorDay: 20_270_331,
      anchorIndex: 3,
    });
  });

  it('a nearer end completes it, cancelling keeps what was allocated', async () => {
    const { ledger } = await temporaryLedger();
    await seedSchedule(ledger, MONTHLY);
    await run(ledger, '2027-02-01');
    await ask(ledger, ONE, (view) => updateSchedule(view, { scheduleId: 1, endDay: 20_270_227 }));
    expect(await stateOf(ledger)).toBe('completed 100/350');
    expect(codeOf(await ask(ledger, ONE, (view) => cancelSchedule(view, 1)))).toBe(
      'VALIDATION_ERROR',
    );
    await seedSchedule(ledger, { ...MONTHLY, name: 'ml-8' });
    await run(ledger, '2027-02-01');
    await ask(ledger, { schedules: { ids: [2] } }, (view) => cancelSchedule(view, 2));
    expect(await stateOf(ledger, 2)).toBe('cancelled 100/350');
    expect(await sumsOf(ledger, 'ml-8')).toBe('100 0 0 100');
  });

  it('an allocation by hand stands for a due date of its day', async () => {
    const { ledger, clock } = await temporaryLedger();
    await seedSchedule(ledger, { ...MONTHLY, start: '2026-12-01', total: '250' });
    async function give(dollars: string): Promise<unknown> {
      return await ask(ledger, ONE, (view) =>
        allocateByHand(view, { scheduleId: 1, amount: usd(dollars) }),
      );
    }
    clock.forward(10 * 86_400); // 2026-12-01
    expect(codeOf(await give('251'))).toBe('VALIDATION_ERROR');
    expect(isRefused(await give('30'))).toBe(false);
    expect(await stateOf(ledger)).toBe('active 30/250 next 2027-01-01');
    expect(datesOf(await run(ledger, '2026-12-31'))).toEqual([]);
    expect(codeOf(await give('1'))).toBe('DUPLICATE');
    clock.forward(86_400);
    expect(isRefused(await give('20'))).toBe(false);
    expect(datesOf(await run(ledger, '2027-12-31'))).toEqual([
      ...['2027-01-01 100', '2027-02-01 100'],
    ]);
    expect(await stateOf(ledger)).toBe('completed 250/250');
  });
});

describe('a schedule on a grant', () => {
  it('draws on the award; one too small leaves the date to the next run, told once', async () => {
    const { ledger, raw } = await temporaryLedger();
    await openAward(ledger, { number: 'NSF-1', dollars: '250' });
    await seedAccount(ledger, { name: 'ml-7', deposit: '0' });
    await link(ledger, 'NSF-1', 'ml-7', { dollars: '10' });
    const terms = {
      total: usd('400'),
      amount: usd('100'),
      ...({ frequency: 'monthly', unspent: 'carry', auto: true } as const),
    };
    const created = await ask(ledger, { accounts: ['ml-7'] }, (view) =>
      createSchedule(view, {
        ...{ accountName: 'ml-7', terms, bounds: BOUNDS, zone: 'UTC', grant: 'NSF-1' },
        startDay: 20_261_201,
      }),
    );
    assert(!isRefused(created), JSON.stringify(created));
    const first = await run(ledger, '2027-03-15');
    expect(datesOf(first)).toEqual(['2026-12-01 100', '2027-01-01 100']);
    expect(first.unposted).toEqual([
      { schedule_id: 1, account: 'ml-7', day: 20_270_201, amount: '100', award_has: '40' },
    ]);
    expect(await stateOf(ledger)).toBe('active 200/400 next 2027-02-01');
    const journal = raw().prepare('SELECT COUNT(*) FROM journal').pluck();
    const rows = journal.get();
    expect(datesOf(await run(ledger, '2027-03-15'))).toEqual([]);
    expect(journal.get()).toBe(rows);
    expect((await scheduleOf(ledger, 1)).shortNote).toBe('20270201 100');
    await ask(ledger, ONE, (view) => updateSchedule(view, { scheduleId: 1, amount: usd('40') }));
    expect(datesOf(await run(ledger, '2027-03-15'))).toEqual(['2027-02-01 40']);
    expect((await scheduleOf(ledger, 1)).shortNote).toBe('20270301 40');
  });
});

describe('a tree', () => {
  it('needs no other account', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'dept', deposit: '50' });
    await seedSchedule(ledger, { ...MONTHLY, parent: 'dept', start: '2026-11-01' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 0 0 100');
  });
});
