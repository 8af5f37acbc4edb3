import { describe, expect, it } from 'vitest';
import { isRefused } from '../../../src/core/errors.ts';
import { placeHold } from '../../../src/core/ledger/place-hold.ts';
import { link, openAward, tryEntry } from '../../support/grants.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import { ask, place, tryCharge } from '../../support/policy.ts';

// Award of 3,000 in three years: 1,000 a period, F&A 30 %. The clock says 2026-11-21.

async function granted(carryover: 'automatic' | 'none' = 'automatic') {
  const temporary = await temporaryLedger();
  await seedAccount(temporary.ledger, { name: 'ml-7', deposit: '0' });
  await openAward(temporary.ledger, { number: 'R01', dollars: '3000', carryover });
  await link(temporary.ledger, 'R01', 'ml-7', { dollars: '2000' });
  return temporary;
}

type Books = Awaited<ReturnType<typeof granted>>['ledger'];

async function held(ledger: Books, dollars: string, periods = true): Promise<string> {
  const answer = await ask(ledger, { payer: { slurmAccount: 'ml-7', periods } }, (view) =>
    placeHold(view, {
      token: `p${String(view.next.seq).padStart(25, '0')}`,
      slurmAccount: 'ml-7',
      partitions: ['aws'],
      userName: 'ada',
      amount: usd(dollars),
      tasks: 1,
      expiresS: view.nowS + 600,
      pricing: '',
    }),
  );
  return isRefused(answer)
    ? [answer.code, answer.fields['period'], answer.fields['available']].join(' ')
    : 'held';
}

describe('a hold must fit the current budget period where the site says so', () => {
  it('direct and F&A alike, with what was spent and entered', async () => {
    const { ledger } = await granted();
    await tryCharge(ledger, await place(ledger, { account: 'ml-7', task: '100' }), '100');
    await tryEntry(ledger, 'R01', '100');
    await place(ledger, { account: 'ml-7', task: '100' });
    // 1,000 − 130 − 130 − 130 = 610 = 469.23 × 1.3 and a little.
    expect(await held(ledger, '469.24')).toBe('INSUFFICIENT_BUDGET 1 610000000');
    expect(await held(ledger, '469.23')).toBe('held');
    expect(await held(ledger, '1')).toBe('INSUFFICIENT_BUDGET 1 1000');
    expect(await held(ledger, '100', false)).toBe('held');
  });

  it.each([
    ['automatic', '1538.46', 2000],
    ['none', '769.23', 1000],
  ] as const)('with what the policy %s carried over', async (policy, most, left) => {
    const { ledger, clock } = await granted(policy);
    clock.forward(60 * 86_400);
    expect(await held(ledger, '1538.47')).toBe(`INSUFFICIENT_BUDGET 2 ${left}000000`);
    expect(await held(ledger, most)).toBe('held');
  });
});
