import { describe, expect, it } from 'vitest';
import {
  authorizeAward,
  deobligateAward,
  supplementAward,
} from '../../../src/core/grant/award-amount.ts';
import { endOfDay } from '../../../src/core/grant/calendar.ts';
import { closeAward } from '../../../src/core/grant/close-award.ts';
import type { CreateAward } from '../../../src/core/grant/create-award.ts';
import { extensionOf, rateOf } from '../../../src/core/grant/details.ts';
import { extendAward } from '../../../src/core/grant/extend-award.ts';
import { toDecimal } from '../../../src/core/money/money.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import {
  awardOf,
  doing,
  GRANT_END,
  granted,
  link,
  moneyOf,
  openAward,
  PAPER,
  tryAward,
  trySetRate,
} from '../../support/grants.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import { ask, codeOf } from '../../support/policy.ts';

const supplement = doing(supplementAward);
const authorize = doing(authorizeAward);
const deobligate = doing(deobligateAward);
const extend = doing(extendAward);
const close = doing(closeAward);

describe('creating a grant', () => {
  it('writes the award, its first change, the fund and one rate row', async () => {
    const { ledger, raw } = await granted('750000');
    const { award, left, rates, changes } = await awardOf(ledger, 'R01');
    expect(award).toMatchObject({
      number: 'R01',
      status: 'active',
      periodMonths: 12,
      carryover: 'automatic',
      reportFrequency: 'annual',
      accounting: 'accrual',
      cloudInMtdc: true,
      subawardCap: usd('50000'),
    });
    expect([award.amount, award.total, left].map(toDecimal)).toEqual([
      '750000',
      '750000',
      '750000',
    ]);
    expect(rates).toMatchObject([
      { rateE4: 3000, base: 'MTDC', fromDay: 20_260_101, toDay: GRANT_END },
    ]);
    expect(changes).toMatchObject([{ kind: 'AWARD', delta: usd('750000'), reference: 'R01' }]);
    expect(raw().prepare('SELECT kind, cause FROM txn WHERE seq=2').get()).toEqual({
      kind: 'fund',
      cause: 'award',
    });
  });

  it('funds what is authorised of an award in instalments; the rest comes later', async () => {
    const { ledger } = await temporaryLedger();
    await openAward(ledger, { number: 'R01', dollars: '1000', authorized: usd('400') });
    expect(await moneyOf(ledger, 'R01')).toBe('400 0 0');
    await authorize(ledger, { ...PAPER, amount: usd('500') });
    expect(await moneyOf(ledger, 'R01')).toBe('900 0 0');
    expect(codeOf(await authorize(ledger, { ...PAPER, amount: usd('101') }))).toBe(
      'VALIDATION_ERROR',
    );
    const { award } = await awardOf(ledger, 'R01');
    expect([award.amount, award.total].map(toDecimal)).toEqual(['900', '1000']);
  });

  it('knows the rules before October 2024, and copies a listing number', async () => {
    const { ledger } = await temporaryLedger();
    const days = { startDay: 20_240_930, endDay: 20_270_930 };
    await openAward(ledger, { number: 'OLD', federalAwardId: '47.070', ...days });
    expect((await awardOf(ledger, 'OLD')).award).toMatchObject({
      subawardCap: usd('25000'),
      assistanceListing: '47.070',
    });
    expect(
      await tryAward(ledger, { number: 'M', ...days, rateType: 'de_minimis', rateE4: 1500 }),
    ).toMatchObject({ warnings: [expect.stringContaining('at most 10 %')] });
  });

  it.each<[string, Partial<CreateAward>, string]>([
    ['no number', { number: '' }, 'grant_number'],
    ['a long number', { number: 'x'.repeat(129) }, 'grant_number'],
    ['a number that is an option', { number: '--force' }, 'grant_number'],
    ['no agency', { agency: ' ' }, 'funding_agency'],
    ['no investigator', { pi: '' }, 'principal_investigator'],
    ['nothing awarded', { total: usd('0') }, 'total_award_amount'],
    ['more authorised than awarded', { authorized: usd('750001') }, 'authorized_amount'],
    ['an end at the start', { endS: 0 }, 'grant_end_date'],
    ['a rate above 1', { rateE4: 10_001 }, 'indirect_cost_rate'],
    ['a negative rate', { rateE4: -1 }, 'indirect_cost_rate'],
    ['no months', { periodMonths: 0 }, 'budget_period_months'],
    ['too many months', { periodMonths: 61 }, 'budget_period_months'],
    ['a negative cost share', { costShare: usd('-1') }, 'cost_share_required'],
    ['a listing that is none', { assistanceListing: '47' }, 'assistance_listing_number'],
    ['more direct than all', { direct: usd('750001') }, 'direct_costs'],
    ['a long code', { costCenter: 'x'.repeat(65) }, 'cost_center'],
  ])('refuses %s', async (_, more, field) => {
    const { ledger } = await temporaryLedger();
    const answer = await tryAward(ledger, { number: 'R01', ...more });
    expect(answer).toMatchObject({ code: 'VALIDATION_ERROR', fields: { field } });
    expect((await ledger.read({ awards: { all: true } })).awards?.awards).toEqual([]);
  });

  it('refuses a number that is known', async () => {
    const { ledger } = await granted();
    expect(codeOf(await tryAward(ledger, { number: 'R01' }))).toBe('DUPLICATE');
  });
});

describe('supplements and reductions', () => {
  it('are booked once for a letter and an amount', async () => {
    const { ledger } = await granted('1000');
    const asked = { ...PAPER, amount: usd('500') };
    await supplement(ledger, asked);
    expect(codeOf(await supplement(ledger, asked))).toBe('DUPLICATE');
    await supplement(ledger, { ...asked, amount: usd('1') });
    await supplement(ledger, { ...asked, reference: 'another letter' });
    expect((await awardOf(ledger, 'R01')).award.total).toBe(usd('2001'));
    await deobligate(ledger, { ...asked, force: false });
    expect(codeOf(await deobligate(ledger, { ...asked, force: false }))).toBe('DUPLICATE');
  });

  it('move what is authorised and the total alike', async () => {
    const { ledger } = await granted();
    await supplement(ledger, { ...PAPER, amount: usd('500') });
    await deobligate(ledger, { ...PAPER, amount: usd('200'), force: false });
    const { award, left, changes } = await awardOf(ledger, 'R01');
    expect([award.amount, award.total, left].map(toDecimal)).toEqual(['1300', '1300', '1300']);
    expect(changes.map(({ kind, delta }) => `${kind} ${toDecimal(delta)}`)).toEqual([
      'AWARD 1000',
      'SUPPLEMENT 500',
      'REDUCTION -200',
    ]);
  });

  it('a cut below what is left needs force, and is marked', async () => {
    const { ledger, raw } = await granted();
    await link(ledger, 'R01', 'ml-7', { dollars: '900' });
    const cut = { ...PAPER, amount: usd('101') };
    expect(await deobligate(ledger, { ...cut, force: false })).toMatchObject({
      code: 'IN_USE',
      fields: { grant: 'R01' },
    });
    expect(await moneyOf(ledger, 'R01')).toMatch(/^100 /u);
    await deobligate(ledger, { ...cut, force: true });
    expect(await moneyOf(ledger, 'R01')).toMatch(/^-1 /u);
    expect(raw().prepare("SELECT over FROM txn WHERE cause='deobligation'").pluck().get()).toBe(2n);
    expect(codeOf(await deobligate(ledger, { ...PAPER, amount: usd('1000'), force: true }))).toBe(
      'VALIDATION_ERROR',
    );
  });

  it.each([
    ['nothing', { amount: usd('0') }, 'VALIDATION_ERROR'],
    ['a negative amount', { amount: usd('-1') }, 'VALIDATION_ERROR'],
    ['no reference', { amount: usd('1'), reference: ' ' }, 'VALIDATION_ERROR'],
    ['a grant nobody knows', { amount: usd('1'), number: 'R02' }, 'NOT_FOUND'],
  ])('refuses %s', async (_, more, code) => {
    const { ledger } = await granted();
    const asked = { ...PAPER, force: false, ...more };
    expect(codeOf(await supplement(ledger, asked))).toBe(code);
    expect(codeOf(await deobligate(ledger, asked))).toBe(code);
    expect(await moneyOf(ledger, 'R01')).toBe('1000 0 0');
  });
});

describe('rate rows', () => {
  async function rows(ledger: Ledger): Promise<readonly string[]> {
    const { rates } = await awardOf(ledger, 'R01');
    return rates
      .filter(({ replacedBy }) => replacedBy === undefined)
      .map(({ rateE4, base, fromDay, toDay }) => `${fromDay}-${toDay} ${rateE4} ${base}`);
  }

  it('stay gapless and do not overlap, wherever a new one falls', async () => {
    const { ledger } = await granted();
    await trySetRate(ledger, 'R01', { rateE4: 3500, fromDay: 20_270_101, toDay: 20_271_231 });
    expect(await rows(ledger)).toEqual([
      '20260101-20261231 3000 MTDC',
      '20270101-20271231 3500 MTDC',
      '20280101-20281231 3000 MTDC',
    ]);
    await trySetRate(ledger, 'R01', { rateE4: 3200, fromDay: 20_261_001, toDay: 20_270_331 });
    expect(await rows(ledger)).toEqual([
      '20260101-20260930 3000 MTDC',
      '20261001-20270331 3200 MTDC',
      '20270401-20271231 3500 MTDC',
      '20280101-20281231 3000 MTDC',
    ]);
    await trySetRate(ledger, 'R01', { rateE4: 1000, base: 'TDC', fromDay: 20_260_501 });
    expect(await rows(ledger)).toEqual([
      '20260101-20260430 3000 MTDC',
      '20260501-20281231 1000 TDC',
    ]);
    const kinds = (await awardOf(ledger, 'R01')).changes.map(({ kind }) => kind);
    expect(kinds).toEqual(['AWARD', 'RATE_CHANGE', 'RATE_CHANGE', 'RATE_CHANGE']);
    const last = (await awardOf(ledger, 'R01')).changes.at(-1);
    expect(last && rateOf(last)).toMatchObject({ rateE4: 1000, base: 'TDC', type: 'final' });
  });

  it.each([
    ['before the grant', { rateE4: 1, fromDay: 20_251_231 }, 'VALIDATION_ERROR'],
    ['after the grant', { rateE4: 1, toDay: 20_290_101 }, 'VALIDATION_ERROR'],
    [
      'an end before the start',
      { rateE4: 1, fromDay: 20_270_102, toDay: 20_270_101 },
      'VALIDATION_ERROR',
    ],
    ['more than all', { rateE4: 10_001 }, 'VALIDATION_ERROR'],
    ['no reference', { rateE4: 1, reference: '' }, 'VALIDATION_ERROR'],
  ])('refuse %s', async (_, more, code) => {
    const { ledger } = await granted();
    expect(codeOf(await trySetRate(ledger, 'R01', more))).toBe(code);
    expect(await rows(ledger)).toEqual(['20260101-20281231 3000 MTDC']);
  });
});

describe('a no-cost extension', () => {
  function to(day: number, oldEndDay = GRANT_END) {
    return { ...PAPER, newEndS: endOfDay(day, 'UTC'), newEndDay: day, oldEndDay };
  }

  it('moves the end, the last rate row and the accounts that ended with the grant', async () => {
    const { ledger } = await granted();
    await seedAccount(ledger, { name: 'bio' });
    for (const name of ['ml-7', 'bio']) {
      await link(ledger, 'R01', name, { dollars: '10' });
    }
    await ask(ledger, { accounts: ['ml-7'] }, (view) => {
      const row = view.accounts[0]?.account;
      const endS = endOfDay(GRANT_END, 'UTC');
      return {
        changes: row ? [{ change: 'putAccount', row: { ...row, endS, status: 'expired' } }] : [],
        answer: null,
      };
    });
    expect(await extend(ledger, to(20_290_630))).toMatchObject({
      movedAccounts: ['ml-7'],
      otherAccounts: ['bio'],
      warnings: [],
    });
    const { award, rates, changes, budgets } = await awardOf(ledger, 'R01');
    expect(award.endS).toBe(endOfDay(20_290_630, 'UTC'));
    expect(rates.at(-1)?.toDay).toBe(20_290_630);
    const own = budgets.find(({ accountName }) => accountName === 'ml-7')?.account;
    expect(own).toMatchObject({ endS: award.endS, status: 'active' });
    const last = changes.at(-1);
    expect(last && extensionOf(last)).toEqual({
      oldEndS: endOfDay(GRANT_END, 'UTC'),
      newEndS: award.endS,
      oldEndDay: GRANT_END,
      newEndDay: 20_290_630,
    });
    expect(await moneyOf(ledger, 'R01')).toMatch(/^980 0 0/u);
  });

  it('warns of a long one, a second one, a late one and one after the end', async () => {
    const { ledger, clock } = await granted();
    expect(await extend(ledger, to(20_300_101))).toMatchObject({
      warnings: ['the extension is longer than 12 months'],
    });
    const now = Math.floor(clock.nowUs() / 1e6);
    clock.forward(endOfDay(20_300_101, 'UTC') - 5 * 86_400 - now);
    expect(await extend(ledger, to(20_300_201, 20_300_101))).toMatchObject({
      warnings: [
        'the grant was extended before',
        'recorded less than 10 days before the old end 2030-01-01',
      ],
    });
    clock.forward(40 * 86_400);
    expect(await extend(ledger, to(20_300_601, 20_300_201))).toMatchObject({
      warnings: [
        'the grant was extended before',
        expect.stringContaining('had ended on 2030-02-01'),
      ],
    });
  });

  it('is refused when it is none', async () => {
    const { ledger } = await granted();
    for (const day of [GRANT_END, 20_281_230]) {
      expect(codeOf(await extend(ledger, to(day)))).toBe('VALIDATION_ERROR');
    }
    await close(ledger, { number: 'R01', status: 'cancelled', force: false });
    expect(codeOf(await extend(ledger, to(20_291_231)))).toBe('POLICY');
  });
});
