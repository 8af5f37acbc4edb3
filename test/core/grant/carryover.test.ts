import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { type CarryoverFacts, carryForward } from '../../../src/core/grant/carryover.ts';
import { grantPeriods } from '../../../src/core/grant/periods.ts';
import { minus, sum, toDecimal, ZERO } from '../../../src/core/money/money.ts';
import { fromMicros } from '../../../src/core/money/storage.ts';
import { usd } from '../../support/dollars.ts';
import '../../support/property.ts';

const THREE_YEARS = grantPeriods({
  startDay: 20_250_101,
  plannedEndDay: 20_271_231,
  endDay: 20_271_231,
  periodMonths: 12,
  total: usd('750000'),
  steps: [],
});

function facts(over: Partial<CarryoverFacts>): CarryoverFacts {
  return {
    policy: 'automatic',
    approvals: [],
    spending: [{ day: 20_250_601, amount: usd('180000') }],
    committed: ZERO,
    today: 20_260_101,
    ...over,
  };
}

function shown(of: CarryoverFacts): readonly string[] {
  return carryForward(THREE_YEARS, of).map((each) =>
    [each.carryIn, each.spent, each.committed, each.remaining, each.carryOut, each.pendingApproval]
      .map(toDecimal)
      .join(' '),
  );
}

describe('carryover', () => {
  it('is the worked example: unspent moves on, holds move along', () => {
    const pending = facts({ committed: usd('10000') });
    expect(shown(pending)).toEqual([
      '0 180000 0 70000 70000 0',
      '70000 0 10000 310000 0 0',
      '0 0 0 250000 0 0',
    ]);
    const settled = facts({
      spending: [
        { day: 20_250_601, amount: usd('180000') },
        { day: 20_260_110, amount: usd('9000') },
      ],
      today: 20_260_111,
    });
    expect(shown(settled)[1]).toBe('70000 9000 0 311000 0 0');
  });

  it('does not happen before the period is over', () => {
    expect(shown(facts({ today: 20_251_231, committed: usd('10000') }))).toEqual([
      '0 180000 10000 60000 0 0',
      '0 0 0 250000 0 0',
      '0 0 0 250000 0 0',
    ]);
  });

  it.each<readonly [string, Partial<CarryoverFacts>, string, string]>([
    [
      'waits for approval',
      { policy: 'prior_approval' },
      '0 180000 0 70000 0 70000',
      '0 0 0 250000 0 0',
    ],
    [
      'is what was approved',
      {
        policy: 'prior_approval',
        approvals: [
          { period: 1, amount: usd('30000') },
          { period: 1, amount: usd('15000') },
        ],
      },
      '0 180000 0 70000 45000 25000',
      '45000 0 0 295000 0 0',
    ],
    [
      'is never more than was left',
      { policy: 'prior_approval', approvals: [{ period: 1, amount: usd('99999') }] },
      '0 180000 0 70000 70000 0',
      '70000 0 0 320000 0 0',
    ],
    ['may be forbidden', { policy: 'none' }, '0 180000 0 70000 0 0', '0 0 0 250000 0 0'],
    [
      'takes an overrun along, whatever the policy',
      { policy: 'none', spending: [{ day: 20_250_601, amount: usd('260000') }] },
      '0 260000 0 -10000 -10000 0',
      '-10000 0 0 240000 0 0',
    ],
  ])('%s', (_, over, first, second) => {
    expect(shown(facts(over)).slice(0, 2)).toEqual([first, second]);
  });

  it('ends with the grant: late charges count in the last period', () => {
    const late = facts({
      spending: [
        { day: 20_241_215, amount: usd('1') },
        { day: 20_280_105, amount: usd('2') },
      ],
      today: 20_280_201,
    });
    expect(shown(late)).toEqual([
      '0 1 0 249999 249999 0',
      '249999 0 0 499999 499999 0',
      '499999 2 0 749997 0 0',
    ]);
  });

  it('never makes money: what periods had, spent and left adds up', () => {
    const day = fc.integer({ min: -30, max: 1200 }).map((n) => addDays(20_250_101, n));
    const amount = fc.bigInt({ min: -(10n ** 11n), max: 10n ** 12n }).map(fromMicros);
    fc.assert(
      fc.property(
        fc.array(fc.record({ day, amount })),
        day,
        fc.constantFrom('automatic', 'prior_approval', 'none'),
        fc.array(fc.record({ period: fc.integer({ min: 1, max: 3 }), amount })),
        (spending, today, policy, approvals) => {
          const figures = carryForward(
            THREE_YEARS,
            facts({ spending, today, policy, approvals: approvals.filter((a) => a.amount > 0n) }),
          );
          expect(sum(figures.map(({ spent }) => spent))).toBe(
            sum(spending.map((each) => each.amount)),
          );
          const left = figures.map(({ remaining, carryOut }) => minus(remaining, carryOut));
          expect(sum(left)).toBe(minus(usd('750000'), sum(spending.map((each) => each.amount))));
          for (const [at, each] of figures.entries()) {
            expect(each.carryIn).toBe(figures[at - 1]?.carryOut ?? ZERO);
          }
        },
      ),
    );
  });
});
