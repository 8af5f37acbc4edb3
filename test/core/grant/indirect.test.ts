import { describe, expect, it } from 'vitest';
import { isRefused } from '../../../src/core/errors.ts';
import { endOfDay, startOfDay } from '../../../src/core/grant/calendar.ts';
import { updateAward } from '../../../src/core/grant/update-award.ts';
import { releaseHold } from '../../../src/core/ledger/end-hold.ts';
import { extendHold } from '../../../src/core/ledger/extend-hold.ts';
import { chargeWithoutHold } from '../../../src/core/ledger/late.ts';
import { moveHold } from '../../../src/core/ledger/move-hold.ts';
import { splitHold } from '../../../src/core/ledger/split-hold.ts';
import { toDecimal } from '../../../src/core/money/money.ts';
import { link, moneyOf, openAward, tryEntry, trySetRate } from '../../support/grants.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import {
  ask,
  askKeyless,
  codeOf,
  holdOf,
  place,
  sumsOf,
  tryCharge,
  tryPlace,
} from '../../support/policy.ts';

async function granted(basis: 'direct' | 'total' = 'direct', dollars = '10000') {
  const temporary = await temporaryLedger();
  await seedAccount(temporary.ledger, { name: 'ml-7', deposit: '1000' });
  await openAward(temporary.ledger, { number: 'R01', dollars });
  await link(temporary.ledger, 'R01', 'ml-7', { basis });
  return temporary;
}

type Books = Awaited<ReturnType<typeof granted>>['ledger'];

function at(day: number) {
  return { effective: { effectiveS: startOfDay(day, 'UTC') + 3600, day } };
}

function release(ledger: Books, token: string) {
  return askKeyless(ledger, { holds: { tokens: [token], owners: true } }, (view) =>
    releaseHold(view, { token }),
  );
}

describe('F&A of a hold', () => {
  it('is held on the award, the direct part on the budget', async () => {
    const { ledger } = await granted();
    expect(await moneyOf(ledger, 'R01')).toBe('9000 0 0 | ml-7 1000 0 0 0 0');
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    expect(await moneyOf(ledger, 'R01')).toBe('8970 0 0 | ml-7 900 100 0 30 0');
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 100 900');
    await release(ledger, token);
    expect(await moneyOf(ledger, 'R01')).toBe('9000 0 0 | ml-7 1000 0 0 0 0');
  });

  it('is borne by the account with basis total', async () => {
    const { ledger } = await granted('total');
    await place(ledger, { account: 'ml-7', task: '100' });
    expect(await moneyOf(ledger, 'R01')).toBe('9000 0 0 | ml-7 870 100 0 30 0');
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 130 870');
    // 669.23 × 1.3 = 869.999; a cent more does not fit.
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '669.24' }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
    await place(ledger, { account: 'ml-7', task: '669.23' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 999.999 0.001');
  });

  it('is rounded up to the micro-dollar for each task, and split exactly', async () => {
    const { ledger } = await granted();
    const token = await place(ledger, { account: 'ml-7', task: '0.000001', tasks: 3 });
    expect((await holdOf(ledger, token)).fa).toBe(usd('0.000003'));
    const query = { holds: { tokens: [token], children: true, jobIds: [7] } };
    await askKeyless(ledger, query, (view) =>
      splitHold(view, {
        token,
        tasks: [{ arrayTask: 1, jobId: 7, submitS: view.nowS, expiresS: view.nowS + 60 }],
      }),
    );
    expect((await holdOf(ledger, token)).fa).toBe(usd('0.000002'));
    expect((await holdOf(ledger, `${token}.1`)).fa).toBe(usd('0.000001'));
    expect(await moneyOf(ledger, 'R01')).toBe(
      '8999.999997 0 0 | ml-7 999.999997 0.000003 0 0.000003 0',
    );
  });

  it('follows the hold when it grows, shrinks and moves', async () => {
    const { ledger } = await granted();
    await seedAccount(ledger, { name: 'bio', deposit: '500' });
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    const query = { holds: { tokens: [token], owners: true } };
    for (const [dollars, sums] of [
      ['150', '8955 0 0 | ml-7 850 150 0 45 0'],
      ['10', '8997 0 0 | ml-7 990 10 0 3 0'],
    ] as const) {
      await ask(ledger, query, (view) => extendHold(view, { token, taskAmount: usd(dollars) }));
      expect(await moneyOf(ledger, 'R01')).toBe(sums);
    }
    await ask(ledger, query, (view) => moveHold(view, { token, partition: 'gpu' }));
    expect(await moneyOf(ledger, 'R01')).toBe('8997 0 0 | ml-7 990 10 0 3 0');
    // To an account without a grant: no F&A there; and back.
    for (const [slurmAccount, sums, fa] of [
      ['bio', '9000 0 0 | ml-7 1000 0 0 0 0', '0'],
      ['ml-7', '8997 0 0 | ml-7 990 10 0 3 0', '3'],
    ] as const) {
      await ask(ledger, { ...query, payer: { slurmAccount } }, (view) =>
        moveHold(view, { token, slurmAccount }),
      );
      expect(await moneyOf(ledger, 'R01')).toBe(sums);
      expect(toDecimal((await holdOf(ledger, token)).fa)).toBe(fa);
    }
  });

  it.each([
    ['no base', { rateBase: 'none' }],
    ['compute outside MTDC', { cloudInMtdc: false }],
    ['a rate of nothing', { rateE4: 0 }],
  ] as const)('is nothing with %s', async (_, more) => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'ml-7' });
    await openAward(ledger, { number: 'R01', dollars: '1000', ...more });
    await link(ledger, 'R01', 'ml-7');
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    await tryCharge(ledger, token, '80');
    expect(await moneyOf(ledger, 'R01')).toBe('0 0 0 | ml-7 920 0 80 0 0');
  });
});

describe('F&A of a cost', () => {
  it('is rounded on the cumulated base: 0.02 and 0.01 of twice 0.05 at 30 %', async () => {
    const { ledger } = await granted();
    for (const sums of [
      '8999.98 0 0 | ml-7 999.95 0 0.05 0 0.02',
      '8999.97 0 0 | ml-7 999.9 0 0.1 0 0.03',
    ]) {
      const token = await place(ledger, { account: 'ml-7', task: '1' });
      await tryCharge(ledger, token, '0.05');
      expect(await moneyOf(ledger, 'R01')).toBe(sums);
    }
  });

  it('above what was held comes out of who pays, and is marked when that has nothing left', async () => {
    const { ledger, raw } = await granted('direct', '1020');
    const token = await place(ledger, { account: 'ml-7', task: '50' });
    expect(await moneyOf(ledger, 'R01')).toBe('5 0 0 | ml-7 950 50 0 15 0');
    await tryCharge(ledger, token, '100');
    expect(await moneyOf(ledger, 'R01')).toBe('-10 0 0 | ml-7 900 0 100 0 30');
    expect(raw().prepare("SELECT over FROM txn WHERE kind='charge'").pluck().get()).toBe(1n);
  });

  it('corrected, refunded, late: the F&A goes with the base', async () => {
    const { ledger } = await granted();
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    await tryCharge(ledger, token, '80');
    await tryCharge(ledger, token, '60.05', { amend: true });
    expect(await moneyOf(ledger, 'R01')).toBe('8981.98 0 0 | ml-7 939.95 0 60.05 0 18.02');
    await ask(ledger, { payer: { slurmAccount: 'ml-7' } }, (view) =>
      chargeWithoutHold(
        view,
        {
          cost: { kind: 'amount', amount: usd('10') },
          partition: 'aws',
          effective: { effectiveS: view.nowS, day: view.today },
          key: 'late:1:2:3',
        },
        { kind: 'refused', code: 'NOT_FOUND', text: '', advice: '', fields: {} },
      ),
    );
    // 70.05 × 0.3 = 21.015 → 21.02
    expect(await moneyOf(ledger, 'R01')).toBe('8978.98 0 0 | ml-7 929.95 0 70.05 0 21.02');
  });

  it('bears the rate of its day; outside every row the last earlier one', async () => {
    const { ledger } = await granted();
    await trySetRate(ledger, 'R01', { rateE4: 5000, fromDay: 20_261_001, toDay: 20_261_031 });
    for (const [day, left] of [
      [20_260_930, '8997'],
      [20_261_001, '8992'],
      [20_261_031, '8987'],
      [20_261_101, '8984'],
    ] as const) {
      const token = await place(ledger, { account: 'ml-7', task: '10' });
      await tryCharge(ledger, token, '10', at(day));
      expect(await moneyOf(ledger, 'R01')).toMatch(new RegExp(`^${left} `, 'u'));
    }
    const token = await place(ledger, { account: 'ml-7', task: '10' });
    await tryCharge(ledger, token, '10', at(20_290_301));
    expect(await moneyOf(ledger, 'R01')).toMatch(/^8981 /u);
  });

  it('is corrected by one adjust a budget when a final rate takes the place of a provisional one', async () => {
    const { ledger, raw } = await granted();
    await seedAccount(ledger, { name: 'bio', deposit: '500' });
    await link(ledger, 'R01', 'bio', { basis: 'total' });
    expect(await moneyOf(ledger, 'R01')).toBe('8500 0 0 | bio 500 0 0 0 0 | ml-7 1000 0 0 0 0');
    for (const account of ['ml-7', 'ml-7', 'bio']) {
      await tryCharge(ledger, await place(ledger, { account, task: '10' }), '10');
    }
    await tryEntry(ledger, 'R01', '100');
    expect(await moneyOf(ledger, 'R01')).toBe('8364 100 30 | bio 487 0 10 0 3 | ml-7 980 0 20 0 6');
    expect(await trySetRate(ledger, 'R01', { rateE4: 3200 })).toMatchObject({ adjusts: 3 });
    expect(await moneyOf(ledger, 'R01')).toBe(
      '8361.6 100 32 | bio 486.8 0 10 0 3.2 | ml-7 980 0 20 0 6.4',
    );
    const adjusts = raw()
      .prepare("SELECT kind||' '||cause FROM txn WHERE cause='final_rate' ORDER BY seq")
      .pluck()
      .all();
    expect(adjusts.toSorted()).toEqual([
      'adjust final_rate',
      'adjust final_rate',
      'external final_rate',
    ]);
    // The same rate again changes nothing.
    expect(await trySetRate(ledger, 'R01', { rateE4: 3200 })).toMatchObject({ adjusts: 0 });
    // And a charge that was made before is corrected under the final rate.
    expect(await trySetRate(ledger, 'R01', { rateE4: 0, base: 'none' })).toMatchObject({
      adjusts: 3,
    });
    expect(await moneyOf(ledger, 'R01')).toBe('8400 100 0 | bio 490 0 10 0 0 | ml-7 980 0 20 0 0');
  });

  it('is corrected when compute leaves the base, and when it comes back', async () => {
    const { ledger } = await granted();
    await tryCharge(ledger, await place(ledger, { account: 'ml-7', task: '10' }), '10');
    for (const [cloudInMtdc, sums] of [
      [false, '9000 0 0 | ml-7 990 0 10 0 0'],
      [true, '8997 0 0 | ml-7 990 0 10 0 3'],
    ] as const) {
      const query = { awards: { numbers: ['R01'], rating: true } };
      await ask(ledger, query, (view) => updateAward(view, { number: 'R01', cloudInMtdc }));
      expect(await moneyOf(ledger, 'R01')).toBe(sums);
    }
  });

  it('splits into a federal and a recipient part where the account says so', async () => {
    const { ledger, raw } = await granted();
    await ask(ledger, { accounts: ['ml-7'] }, (view) => {
      const row = view.accounts[0]?.account;
      return {
        changes: row ? [{ change: 'putAccount', row: { ...row, federalShareE4: 6667 } }] : [],
        answer: null,
      };
    });
    const token = await place(ledger, { account: 'ml-7', task: '10' });
    await tryCharge(ledger, token, '10');
    await tryCharge(ledger, token, '7.01', { amend: true });
    // 10 − 6.67 = 3.33; 7.01 − 4.67 = 2.34: the parts add up to that of the whole.
    expect(raw().prepare('SELECT recipient_micro FROM cost_share').pluck().all()).toEqual([
      3_330_000n,
      -990_000n,
    ]);
  });
});

describe('who pays', () => {
  it('is the first budget in order of draw that has it all', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'ml-7', deposit: '100' });
    await openAward(ledger, { number: 'A', dollars: '1000' });
    await openAward(ledger, { number: 'B', dollars: '1000' });
    await link(ledger, 'A', 'ml-7', { dollars: '60' });
    await link(ledger, 'B', 'ml-7', { dollars: '200', order: 1 });
    // B 200 (40 of the plain budget, 160 of the award), plain 0, A 60.
    expect(await moneyOf(ledger, 'A')).toBe('940 0 0 | ml-7 60 0 0 0 0');
    expect(await moneyOf(ledger, 'B')).toBe('800 0 0 | ml-7 200 0 0 0 0');
    await place(ledger, { account: 'ml-7', task: '150' });
    await place(ledger, { account: 'ml-7', task: '60' });
    expect(await moneyOf(ledger, 'B')).toBe('755 0 0 | ml-7 50 150 0 45 0');
    expect(await moneyOf(ledger, 'A')).toBe('922 0 0 | ml-7 0 60 0 18 0');
    // 50 are left on one budget; 51 nowhere.
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '51' }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
    await place(ledger, { account: 'ml-7', task: '50' });
  });

  it('skips a grant that cannot bear the F&A, and names it when nobody else can pay', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'ml-7', deposit: '0' });
    await openAward(ledger, { number: 'A', dollars: '120' });
    await openAward(ledger, { number: 'B', dollars: '1000' });
    await link(ledger, 'A', 'ml-7', { dollars: '100' });
    await link(ledger, 'B', 'ml-7', { dollars: '100' });
    await place(ledger, { account: 'ml-7', task: '70' });
    expect(await moneyOf(ledger, 'A')).toBe('20 0 0 | ml-7 100 0 0 0 0');
    expect(await moneyOf(ledger, 'B')).toBe('879 0 0 | ml-7 30 70 0 21 0');
    const refusal = await tryPlace(ledger, { account: 'ml-7', task: '80' });
    expect(refusal).toMatchObject({
      code: 'INSUFFICIENT_BUDGET',
      fields: { grant: 'A', required: '24000000', available: '20000000' },
    });
    expect(isRefused(refusal) && refusal.text).toContain('grant A');
  });

  it('is no grant outside its period of performance', async () => {
    const { ledger, clock, raw } = await granted();
    await openAward(ledger, { number: 'NEXT', startDay: 20_290_101, endDay: 20_291_231 });
    await link(ledger, 'NEXT', 'ml-7', { dollars: '100', order: 1 });
    const token = await place(ledger, { account: 'ml-7', task: '10' });
    expect(await moneyOf(ledger, 'NEXT')).toMatch(/ml-7 100 0 /u);
    // The account outlives the grant here: it is the grant that refuses.
    await ask(ledger, { accounts: ['ml-7'] }, (view) => {
      const row = view.accounts[0]?.account;
      return {
        changes: row ? [{ change: 'putAccount', row: { ...row, endS: 2_000_000_000 } }] : [],
        answer: null,
      };
    });
    const now = Math.floor(clock.nowUs() / 1e6);
    clock.forward(endOfDay(20_281_231, 'UTC') - now + 1);
    await place(ledger, { account: 'ml-7', task: '10' }); // NEXT has begun
    clock.forward(366 * 86_400);
    expect(await tryPlace(ledger, { account: 'ml-7', task: '1' })).toMatchObject({
      code: 'ACCOUNT_EXPIRED',
      fields: { grant: 'NEXT' },
    });
    // A cost of earlier work is booked at any time; after 120 days it says so.
    await tryCharge(ledger, token, '5', at(20_281_230));
    expect(raw().prepare("SELECT cause FROM txn WHERE kind='charge'").pluck().get()).toBe(
      'after_liquidation',
    );
  });
});
