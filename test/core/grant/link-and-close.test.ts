import { describe, expect, it } from 'vitest';
import { approveCarryover } from '../../../src/core/grant/approve-carryover.ts';
import { supplementAward } from '../../../src/core/grant/award-amount.ts';
import { closeAward } from '../../../src/core/grant/close-award.ts';
import { carryoverOf } from '../../../src/core/grant/details.ts';
import { updateAward } from '../../../src/core/grant/update-award.ts';
import { afterChanges } from '../../../src/core/ledger/advance.ts';
import { deleteAccount } from '../../../src/core/ledger/delete-account.ts';
import { deposit } from '../../../src/core/ledger/fund.ts';
import { ZERO } from '../../../src/core/money/money.ts';
import {
  awardOf,
  doing,
  granted,
  link,
  moneyOf,
  openAward,
  PAPER,
  R01,
  tryEntry,
  tryLink,
  trySetRate,
  tryUnlink,
} from '../../support/grants.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import { ask, codeOf, place, sumsOf, tryCharge, tryPlace } from '../../support/policy.ts';

const supplement = doing(supplementAward);
const update = doing(updateAward);
const close = doing(closeAward);
const approve = doing(approveCarryover);

describe('linking an account', () => {
  it('moves what the plain budget has; open holds stay where they are', async () => {
    const { ledger } = await granted();
    const token = await place(ledger, { account: 'ml-7', task: '30' });
    expect(await link(ledger, 'R01', 'ml-7')).toMatchObject({ moved: '70000000', allotted: '0' });
    expect(await moneyOf(ledger, 'R01')).toBe('930 0 0 | ml-7 70 0 0 0 0');
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 0 30 70');
    await tryCharge(ledger, token, '20'); // no F&A: it is not the grant's
    expect(await moneyOf(ledger, 'R01')).toBe('930 0 0 | ml-7 70 0 0 0 0');
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 20 0 80');
  });

  it('takes from the award what the plain budget does not have', async () => {
    const { ledger, raw } = await granted();
    expect(await link(ledger, 'R01', 'ml-7', { dollars: '250' })).toMatchObject({
      moved: '100000000',
      allotted: '150000000',
    });
    expect(await sumsOf(ledger, 'ml-7')).toBe('250 0 0 250');
    const kinds = raw().prepare("SELECT kind FROM txn WHERE cause='link' ORDER BY seq").pluck();
    expect(kinds.all()).toEqual(['transfer', 'allocate']);
    expect(await tryUnlink(ledger, 'R01', 'ml-7')).toMatchObject({
      moved: '100000000',
      allotted: '150000000',
    });
    expect(await moneyOf(ledger, 'R01')).toBe('1000 0 0 | (ml-7 0 0 0 0 0)');
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 0 0 100');
  });

  it('unlinks what is left; what was spent stays on the grant; and links again', async () => {
    const { ledger } = await granted();
    await link(ledger, 'R01', 'ml-7');
    await tryCharge(ledger, await place(ledger, { account: 'ml-7', task: '40' }), '40');
    const held = await place(ledger, { account: 'ml-7', task: '10' });
    expect(await tryUnlink(ledger, 'R01', 'ml-7')).toMatchObject({
      moved: '50000000',
      openHolds: 1,
      warnings: [expect.stringContaining('1 open holds')],
    });
    expect(await moneyOf(ledger, 'R01')).toBe('935 0 0 | (ml-7 0 10 40 3 12)');
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 40 10 50');
    await tryCharge(ledger, held, '4');
    await tryUnlink(ledger, 'R01', 'ml-7');
    expect(await moneyOf(ledger, 'R01')).toBe('942.8 0 0 | (ml-7 0 0 44 0 13.2)');
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 44 0 56');
    await link(ledger, 'R01', 'ml-7', { dollars: '6' });
    expect(await moneyOf(ledger, 'R01')).toBe('936.8 0 0 | ml-7 6 0 44 0 13.2');
  });

  it('gives a linked account more by hand, as far as the award has it', async () => {
    const { ledger, raw } = await granted();
    async function more(dollars: string, grant?: string): Promise<unknown> {
      const bounds = { least: usd('0.01'), most: usd('1000000') };
      return await ask(ledger, { accounts: ['ml-7'] }, (view) =>
        deposit(view, { name: 'ml-7', amount: usd(dollars), grant, bounds }),
      );
    }
    expect(codeOf(await more('5', 'R01'))).toBe('POLICY'); // not linked
    await link(ledger, 'R01', 'ml-7');
    await more('50', 'R01');
    expect(await moneyOf(ledger, 'R01')).toBe('850 0 0 | ml-7 150 0 0 0 0');
    await more('5'); // its own comes first
    expect(await moneyOf(ledger, 'R01')).toBe('850 0 0 | ml-7 150 0 0 0 0');
    expect(await sumsOf(ledger, 'ml-7')).toBe('155 0 0 155');
    expect(codeOf(await more('850.000001', 'R01'))).toBe('INSUFFICIENT_BUDGET');
    const causes = raw().prepare("SELECT cause FROM txn WHERE kind='allocate'").pluck();
    expect(causes.all()).toEqual(['manual']);
    expect(await tryUnlink(ledger, 'R01', 'ml-7')).toMatchObject({
      moved: '100000000',
      allotted: '50000000',
    });
  });

  it('puts the budget where it is asked to in the order of draw', async () => {
    const { ledger } = await granted();
    for (const number of ['A', 'B', 'C']) {
      await openAward(ledger, { number });
    }
    async function order(): Promise<string> {
      const view = await ledger.read({ accounts: ['ml-7'] });
      const budgets = view.accounts[0]?.budgets ?? [];
      return budgets
        .filter(({ budget }) => !budget.closed)
        .map(({ award }) => award?.award.number ?? 'plain')
        .join(' ');
    }
    await link(ledger, 'A', 'ml-7', { dollars: '1' });
    await link(ledger, 'B', 'ml-7', { dollars: '1', order: 1 });
    expect(await order()).toBe('B plain A');
    await link(ledger, 'C', 'ml-7', { dollars: '1', order: 3 });
    expect(await order()).toBe('B plain C A');
    await tryUnlink(ledger, 'B', 'ml-7');
    await link(ledger, 'B', 'ml-7', { dollars: '1', order: 2 });
    expect(await order()).toBe('plain B C A');
    await tryUnlink(ledger, 'A', 'ml-7');
    await link(ledger, 'A', 'ml-7', { dollars: '1', order: 99 });
    expect(await order()).toBe('plain B C A');
  });

  it('is refused when the award is too small, linked, ended or closed', async () => {
    const { ledger, clock } = await granted('50');
    expect(await tryLink(ledger, 'R01', 'ml-7')).toMatchObject({
      code: 'INSUFFICIENT_BUDGET',
      fields: { grant: 'R01', required: '100000000', available: '50000000' },
    });
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 0 0 100');
    await link(ledger, 'R01', 'ml-7', { dollars: '50' });
    expect(codeOf(await tryLink(ledger, 'R01', 'ml-7', { dollars: '0' }))).toBe('DUPLICATE');
    expect(codeOf(await tryLink(ledger, 'R02', 'ml-7'))).toBe('NOT_FOUND');
    expect(codeOf(await tryLink(ledger, 'R01', 'nobody'))).toBe('NOT_FOUND');
    expect(codeOf(await tryLink(ledger, 'R01', 'ml-7', { dollars: '-1' }))).toBe(
      'VALIDATION_ERROR',
    );
    expect(codeOf(await tryLink(ledger, 'R01', 'ml-7', { order: 0 }))).toBe('VALIDATION_ERROR');
    await seedAccount(ledger, { name: 'bio' });
    expect(codeOf(await tryUnlink(ledger, 'R01', 'bio'))).toBe('NOT_FOUND');
    clock.forward(4 * 366 * 86_400);
    expect(codeOf(await tryLink(ledger, 'R01', 'bio', { dollars: '0' }))).toBe('POLICY');
  });
});

describe('entries', () => {
  it('book a federal expenditure with its F&A; others are rows', async () => {
    const { ledger } = await granted();
    expect(await tryEntry(ledger, 'R01', '100')).toMatchObject({ indirect: '30000000' });
    expect(await tryEntry(ledger, 'R01', '40', { inMtdc: false })).toMatchObject({ indirect: '0' });
    for (const more of [
      { share: 'recipient' },
      { kind: 'obligation' },
      { kind: 'cash_receipt' },
      { kind: 'program_income_earned' },
    ] as const) {
      expect(await tryEntry(ledger, 'R01', '7', more)).toMatchObject({ seq: 0, indirect: '0' });
    }
    expect(await moneyOf(ledger, 'R01')).toBe('830 140 30');
    expect((await awardOf(ledger, 'R01')).entries).toHaveLength(6);
    // A correction has the opposite sign.
    await tryEntry(ledger, 'R01', '-100');
    expect(await moneyOf(ledger, 'R01')).toBe('960 40 0');
  });

  it('count a subaward in MTDC up to the cap, and wholly in TDC', async () => {
    const { ledger } = await temporaryLedger();
    await openAward(ledger, { number: 'R01', subawardCap: usd('50'), dollars: '1000' });
    await tryEntry(ledger, 'R01', '40', { subaward: 'mit' });
    await tryEntry(ledger, 'R01', '20', { subaward: 'mit' });
    await tryEntry(ledger, 'R01', '20', { subaward: 'eth' });
    await tryEntry(ledger, 'R01', '10', { inMtdc: false, category: 'equipment' });
    expect(await moneyOf(ledger, 'R01')).toBe('889 90 21');
    await trySetRate(ledger, 'R01', { rateE4: 3000, base: 'TDC' });
    expect(await moneyOf(ledger, 'R01')).toBe('883 90 27');
    await trySetRate(ledger, 'R01', { rateE4: 3000, base: 'MTDC' });
    expect(await moneyOf(ledger, 'R01')).toBe('889 90 21');
    const query = { awards: { numbers: ['R01'], rating: true } };
    await ask(ledger, query, (view) =>
      updateAward(view, { number: 'R01', subawardCap: usd('30') }),
    );
    expect(await moneyOf(ledger, 'R01')).toBe('895 90 15');
  });

  it('are booked although the award has less left', async () => {
    const { ledger, raw } = await granted('100');
    await tryEntry(ledger, 'R01', '100');
    expect(await moneyOf(ledger, 'R01')).toBe('-30 100 30');
    expect(raw().prepare("SELECT over FROM txn WHERE kind='external'").pluck().get()).toBe(1n);
  });

  it('refuse a correction under another rate, what says nothing, and what is late', async () => {
    const { ledger, clock } = await granted();
    await tryEntry(ledger, 'R01', '100', { day: 20_260_301 });
    await trySetRate(ledger, 'R01', { rateE4: 3500, fromDay: 20_261_001 });
    expect(codeOf(await tryEntry(ledger, 'R01', '-50', { day: 20_261_102 }))).toBe(
      'VALIDATION_ERROR',
    );
    await tryEntry(ledger, 'R01', '-50', { day: 20_260_401 });
    expect(await moneyOf(ledger, 'R01')).toBe('935 50 15');
    // And no rate may be cut between the two.
    expect(codeOf(await trySetRate(ledger, 'R01', { rateE4: 1, fromDay: 20_260_315 }))).toBe(
      'VALIDATION_ERROR',
    );
    for (const more of [
      { amount: usd('0') },
      { category: '' },
      { reference: '' },
      { day: 20_270_101 },
    ]) {
      expect(codeOf(await tryEntry(ledger, 'R01', '1', more))).toBe('VALIDATION_ERROR');
    }
    clock.forward((771 + 121) * 86_400);
    expect(codeOf(await tryEntry(ledger, 'R01', '1'))).toBe('POLICY');
    expect(await tryEntry(ledger, 'R01', '1', { force: true })).toMatchObject({
      warnings: ['recorded after the liquidation period of the grant'],
    });
  });
});

describe('closing, updating, approving', () => {
  it('closing gives back what budgets have free, and nothing is held on it any more', async () => {
    const { ledger } = await granted();
    await link(ledger, 'R01', 'ml-7', { dollars: '300' });
    const token = await place(ledger, { account: 'ml-7', task: '50' });
    const asked = { number: 'R01', status: 'completed', force: false } as const;
    expect(await close(ledger, asked)).toMatchObject({ code: 'IN_USE' });
    await tryCharge(ledger, token, '20');
    expect(await close(ledger, asked)).toMatchObject({ returned: '280000000' });
    expect(await moneyOf(ledger, 'R01')).toBe('974 0 0 | (ml-7 0 0 20 0 6)');
    expect(codeOf(await tryPlace(ledger, { account: 'ml-7', task: '1' }))).toBe(
      'INSUFFICIENT_BUDGET',
    );
    expect(codeOf(await close(ledger, asked))).toBe('POLICY');
    expect(codeOf(await supplement(ledger, { ...PAPER, amount: usd('1') }))).toBe('POLICY');
    // A cost of earlier work still comes in; and it can be opened again.
    await tryCharge(ledger, token, '22', { amend: true });
    expect(await moneyOf(ledger, 'R01')).toBe('973.4 0 0 | (ml-7 -2 0 22 0 6.6)');
    await update(ledger, { number: 'R01', status: 'active' });
    expect((await awardOf(ledger, 'R01')).award).toMatchObject({
      status: 'active',
      closedUs: undefined,
    });
  });

  it('a suspended grant pays no new hold', async () => {
    const { ledger } = await granted();
    await link(ledger, 'R01', 'ml-7');
    await update(ledger, { number: 'R01', status: 'suspended' });
    expect(await tryPlace(ledger, { account: 'ml-7', task: '1' })).toMatchObject({
      code: 'ACCOUNT_INACTIVE',
      text: "Grant 'R01' is not active",
    });
  });

  it('an update changes what was said, and says when nothing did', async () => {
    const { ledger } = await granted();
    const before = await awardOf(ledger, 'R01');
    await update(ledger, { number: 'R01', pi: 'Grace Hopper', coPis: ['A', 'B'], legalHold: true });
    const { award } = await awardOf(ledger, 'R01');
    expect(award).toEqual({
      ...before.award,
      pi: 'Grace Hopper',
      coPis: ['A', 'B'],
      legalHold: true,
    });
    expect(codeOf(await update(ledger, { number: 'R01', pi: '' }))).toBe('VALIDATION_ERROR');
    expect(codeOf(await update(ledger, { number: 'R01', direct: usd('1001') }))).toBe(
      'VALIDATION_ERROR',
    );
    expect(codeOf(await update(ledger, { number: 'R02', pi: 'x' }))).toBe('NOT_FOUND');
  });

  it('an approval of carryover needs a policy that waits for it, and money that waits', async () => {
    const { ledger } = await granted();
    const asked = { ...PAPER, period: 1, amount: usd('70'), pending: usd('70'), approved: ZERO };
    expect(codeOf(await approve(ledger, asked))).toBe('POLICY');
    await update(ledger, { number: 'R01', carryover: 'prior_approval' });
    expect(codeOf(await approve(ledger, { ...asked, amount: usd('71') }))).toBe('VALIDATION_ERROR');
    await approve(ledger, asked);
    // Somebody who had read the same before finds that nothing waits any more.
    expect(codeOf(await approve(ledger, { ...asked, amount: usd('1') }))).toBe('VALIDATION_ERROR');
    const last = (await awardOf(ledger, 'R01')).changes.at(-1);
    expect(last && carryoverOf(last)).toEqual({ period: 1, amount: usd('70') });
  });

  it('an account with a budget on a grant keeps its history when it is deleted', async () => {
    const { ledger } = await granted('1000', '0');
    await link(ledger, 'R01', 'ml-7', { dollars: '0' });
    await ask(ledger, { accounts: ['ml-7'] }, (view) =>
      deleteAccount(view, { name: 'ml-7', force: false }),
    );
    expect((await awardOf(ledger, 'R01')).budgets).toEqual([]);
    await seedAccount(ledger, { name: 'bio' });
    await link(ledger, 'R01', 'bio');
    await ask(ledger, { accounts: ['bio'] }, (view) =>
      deleteAccount(view, { name: 'bio', force: true }),
    );
    expect((await awardOf(ledger, 'R01')).budgets).toMatchObject([{ budget: { closed: true } }]);
    expect(await moneyOf(ledger, 'R01')).toBe('1000 0 0 | (bio 0 0 0 0 0)');
  });

  it('changes that move no money leave the view as it is', async () => {
    const { ledger } = await granted();
    const view = await ledger.read(R01);
    expect(afterChanges(view, [{ change: 'putNote', name: 'a', value: 'b' }])).toBe(view);
  });
});
