import { describe, expect, it } from 'vitest';
import { isRefused } from '../../../src/core/errors.ts';
import { createAccount } from '../../../src/core/ledger/create-account.ts';
import { updateAccount } from '../../../src/core/ledger/update-account.ts';
import { userLine } from '../../../src/core/ledger/user-line.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import { ask, codeOf, place, sumsOf, tryCharge, tryPlace } from '../../support/policy.ts';

const BOUNDS = { least: usd('0'), most: usd('1000000') };

async function books(...seeds: readonly Parameters<typeof seedAccount>[1][]) {
  const temporary = await temporaryLedger();
  for (const seed of seeds) {
    await seedAccount(temporary.ledger, seed);
  }
  return temporary;
}

describe('a hold fits', () => {
  it('to the last micro-dollar, and not one more', async () => {
    const { ledger } = await books({ name: 'ml-7', deposit: '40' });
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '40.000001' }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
    await place(ledger, { account: 'ml-7', task: '40' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('40 0 40 0');
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '0.000001' }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
    await place(ledger, { account: 'ml-7', task: '0' });
  });

  it('as often as there is money: of 20 holds of 120 on 1000 exactly 8', async () => {
    const { ledger } = await books({ name: 'ml-7' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => tryPlace(ledger, { account: 'ml-7', task: '120' })),
    );
    expect(answers.filter((answer) => !isRefused(answer))).toHaveLength(8);
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 960 40');
  });

  it('wholly, for all tasks of an array together', async () => {
    const { ledger } = await books({ name: 'ml-7', deposit: '40' });
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '10', tasks: 5 }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
    await place(ledger, { account: 'ml-7', task: '10', tasks: 4 });
  });
});

describe('who is told what', () => {
  it('reads needed, free, granted, spent and held, rounded so that nothing is promised', async () => {
    const { ledger } = await books({ name: 'ml-7', deposit: '40' });
    const token = await place(ledger, { account: 'ml-7', task: '30.850001' });
    await tryCharge(ledger, token, '30.850001');
    await place(ledger, { account: 'ml-7', task: '6' });
    const answer = await tryPlace(ledger, { account: 'ml-7', task: '12.394' });
    expect(isRefused(answer) && userLine(answer)).toBe(
      'asbb: this job needs up to $12.40, account ml-7 has $3.14 free ($40.00 granted, $30.86 ' +
        'spent, $6.00 held); ask its owner or shorten --time [INSUFFICIENT_BUDGET]',
    );
    expect(answer).toMatchObject({ fields: { required: '12394000', available: '3149999' } });
  });

  it('reads which ancestor lacks it: the account comes first, then upwards', async () => {
    const { ledger } = await books(
      { name: 'uni', deposit: '50' },
      { name: 'dept', deposit: '100', parent: 'uni' },
      { name: 'ml-7', deposit: '80', parent: 'dept' },
    );
    const lines = await Promise.all(
      ['90', '70', '50'].map((task) => tryPlace(ledger, { account: 'ml-7', task })),
    );
    expect(lines.map((answer) => isRefused(answer) && answer.text)).toEqual([
      expect.stringContaining('account ml-7 has $80.00 free'),
      expect.stringContaining('uni, which account ml-7 belongs to, has $50.00 free'),
      false,
    ]);
    // What a child holds is taken from the ceiling above it, not from the parent's own money.
    expect(await sumsOf(ledger, 'uni')).toBe('50 0 50 0');
    expect(codeOf(await tryPlace(ledger, { account: 'dept', task: '1' }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
  });

  it('reads which partition is full; others are not', async () => {
    const { ledger } = await books({ name: 'ml-7', limits: { gpu: '300' } });
    await place(ledger, { account: 'ml-7', task: '250', partitions: ['gpu'] });
    const answer = await tryPlace(ledger, { account: 'ml-7', task: '100', partitions: ['gpu'] });
    expect(isRefused(answer) && userLine(answer)).toBe(
      'asbb: this job needs up to $100.00, partition gpu of account ml-7 has $50.00 free (limit ' +
        '$300.00, $0.00 spent, $250.00 held); use another partition, ask its owner or shorten ' +
        '--time [PARTITION_LIMIT_EXCEEDED]',
    );
    const list = { account: 'ml-7', task: '100', partitions: ['cpu', 'gpu'] };
    expect(codeOf(await tryPlace(ledger, list))).toBe('PARTITION_LIMIT_EXCEEDED');
    await place(ledger, { account: 'ml-7', task: '100', partitions: ['cpu'] });
    await place(ledger, { account: 'ml-7', task: '50', partitions: ['gpu', 'cpu'] });
  });

  it('hears of money before partitions', async () => {
    const { ledger } = await books({ name: 'ml-7', deposit: '10', limits: { aws: '5' } });
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '20' }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '6' }))).toBe(
      'PARTITION_LIMIT_EXCEEDED',
    );
  });
});

describe('an account pays', () => {
  it.each([
    ['suspended', 0, 'ACCOUNT_INACTIVE', 'Current status: suspended'],
    ['inactive', 0, 'ACCOUNT_INACTIVE', 'Current status: inactive'],
    ['active', 366 * 86_400, 'ACCOUNT_EXPIRED', 'Ended on 2027-11-21'],
    ['active', 365 * 86_400, undefined, ''],
  ] as const)('%s, after %i s: %s', async (status, later, code, advice) => {
    const { ledger, clock } = await books({ name: 'ml-7' });
    await ask(ledger, { accounts: ['ml-7'] }, (view) =>
      updateAccount(view, { name: 'ml-7', status, bounds: BOUNDS, force: false }),
    );
    clock.forward(later);
    const answer = await tryPlace(ledger, { account: 'ml-7', task: '1' });
    expect(codeOf(answer)).toBe(code);
    expect(isRefused(answer) ? answer.advice : '').toBe(advice);
  });

  it('only once it has begun', async () => {
    const { ledger, clock } = await books();
    await ask(ledger, { accounts: ['late'], slurmNames: ['late'] }, (view) =>
      createAccount(view, {
        name: 'late',
        title: 'Later',
        description: '',
        startS: view.nowS + 60,
        endS: view.nowS + 600,
        budget: usd('10'),
        bounds: BOUNDS,
        slurmNames: [],
      }),
    );
    expect(await tryPlace(ledger, { account: 'late', task: '1' })).toMatchObject({
      ...{ code: 'ACCOUNT_INACTIVE', text: "Account 'late' is not active" },
      advice: 'Starts on 2026-11-21',
    });
    clock.forward(60);
    expect(codeOf(await tryPlace(ledger, { account: 'late', task: '1' }))).toBeUndefined();
  });

  it('and must exist', async () => {
    const { ledger } = await books();
    const answer = await tryPlace(ledger, { account: 'nobody', task: '1' });
    expect(answer).toMatchObject({ code: 'NOT_FOUND', text: "Budget account 'nobody' not found" });
  });
});

describe('a hold is refused', () => {
  it('above the number that one user may have open', async () => {
    const { ledger } = await books({ name: 'ml-7' });
    const asked = { account: 'ml-7', task: '1', userOpenHoldsMax: 2 };
    await place(ledger, asked);
    await place(ledger, { ...asked, tasks: 3 });
    expect(codeOf(await tryPlace(ledger, asked))).toBe('FORBIDDEN');
  });

  it('to a run that has one already, open or ended', async () => {
    const { ledger } = await books({ name: 'ml-7' });
    const run = { jobId: 12, arrayTask: -1, submitS: 1000, restart: 0 };
    const token = await place(ledger, { account: 'ml-7', task: '1', run });
    await tryCharge(ledger, token, '1');
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '1', run }))).toBe('IN_USE');
    await place(ledger, { account: 'ml-7', task: '1', run: { ...run, restart: 1 } });
  });
});

describe('where debts are allowed', () => {
  it('a hold passes its account and the ancestors, marked as such, but no partition limit', async () => {
    const { ledger, raw } = await books(
      { name: 'dept', deposit: '5' },
      { name: 'ml-7', deposit: '10', parent: 'dept', limits: { gpu: '1' } },
    );
    const asked = { account: 'ml-7', allowNegative: true };
    await place(ledger, { ...asked, task: '4' });
    await place(ledger, { ...asked, task: '6' });
    await place(ledger, { ...asked, task: '2' });
    const gpu = { ...asked, task: '2', partitions: ['gpu'] };
    expect(codeOf(await tryPlace(ledger, gpu))).toBe('PARTITION_LIMIT_EXCEEDED');
    expect(await sumsOf(ledger, 'ml-7')).toBe('10 0 12 -2');
    const marks = raw()
      .prepare("SELECT over FROM txn WHERE kind='hold' ORDER BY seq")
      .pluck()
      .all();
    expect(marks).toEqual([0n, 2n, 2n]);
  });
});
