import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefused } from '../../../src/core/errors.ts';
import { type Money, minus, plus, sum, toDecimal, ZERO } from '../../../src/core/money/money.ts';
import { fromMicros } from '../../../src/core/money/storage.ts';
import {
  IDENTITIES,
  type LineId,
  type Lines,
  type Sf425Input,
  sf425,
} from '../../../src/core/report/sf425.ts';
import { usd } from '../../support/dollars.ts';
import '../../support/property.ts';

const NOTHING: Sf425Input = {
  accounting: 'accrual',
  cashReceipts: ZERO,
  cashDisbursements: undefined,
  authorized: ZERO,
  federalDirect: ZERO,
  federalIndirect: ZERO,
  holds: ZERO,
  externalObligations: ZERO,
  recipientRequired: ZERO,
  recipientSpent: ZERO,
  incomeEarned: ZERO,
  incomeDeduction: ZERO,
  incomeAddition: ZERO,
  isFinal: false,
};

function made(input: Partial<Sf425Input>) {
  const figures = sf425({ ...NOTHING, ...input });
  if (isRefused(figures)) {
    throw new Error(figures.text);
  }
  return figures;
}

function shown(lines: Lines): string {
  return Object.values(lines).map(toDecimal).join(' ');
}

describe('lines 10a to 10o', () => {
  it('are those of the worked example (budget.md 8.9)', () => {
    const { lines, warnings } = made({
      cashReceipts: usd('280000'),
      cashDisbursements: usd('290000'),
      authorized: usd('750000'),
      federalDirect: usd('230000'),
      federalIndirect: usd('60000'),
      holds: usd('5200'),
      recipientRequired: usd('100000'),
      recipientSpent: usd('35000'),
      incomeEarned: usd('1000'),
      incomeAddition: usd('600'),
    });
    expect(shown(lines)).toBe(
      '280000 290000 -10000 750000 290000 5200 295200 454800 100000 35000 65000 1000 0 600 400',
    );
    expect(warnings).toEqual(['10c is negative: more was disbursed than received ($-10000.00)']);
  });

  it.each<[string, Partial<Sf425Input>, Partial<Record<LineId, string>>]>([
    ['halves away from zero', { federalDirect: usd('0.005') }, { '10e': '0.01' }],
    [
      'identities of what is printed, not of what was behind it',
      { federalDirect: usd('0.004'), holds: usd('0.004'), authorized: usd('1') },
      { '10e': '0', '10f': '0', '10g': '0', '10h': '1' },
    ],
    [
      '10b is 10e where nothing was entered',
      { federalDirect: usd('12.345'), cashReceipts: usd('12') },
      { '10b': '12.35', '10c': '-0.35' },
    ],
    [
      '10b is 0 where 0 was entered',
      { federalDirect: usd('9'), cashDisbursements: ZERO },
      { '10b': '0', '10e': '9' },
    ],
    [
      'cash basis: what is spent and not disbursed is owed, once',
      {
        accounting: 'cash',
        federalDirect: usd('100'),
        cashDisbursements: usd('70'),
        holds: usd('5'),
      },
      { '10b': '70', '10e': '70', '10f': '35', '10g': '105' },
    ],
    [
      'cash basis: disbursed in advance',
      { accounting: 'cash', federalDirect: usd('100'), cashDisbursements: usd('170') },
      { '10b': '170', '10e': '100', '10f': '0' },
    ],
    [
      'deduction alternative',
      { incomeEarned: usd('10'), incomeDeduction: usd('4') },
      { '10l': '10', '10m': '4', '10n': '0', '10o': '6' },
    ],
  ])('%s', (_, input, expected) => {
    const { lines } = made(input);
    const found = Object.keys(expected).map((id) => [id, toDecimal(lines[id as LineId])]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('refuses both alternatives of program income', () => {
    const both = sf425({ ...NOTHING, incomeDeduction: usd('1'), incomeAddition: usd('1') });
    expect(both).toMatchObject({ kind: 'refused', code: 'VALIDATION_ERROR' });
  });

  it('is not final while holds are pending', () => {
    const open = made({ isFinal: true, holds: usd('3'), cashDisbursements: ZERO });
    expect([open.isFinal, open.warnings]).toEqual([
      false,
      [
        'not final: pending holds (10f is $3.00, on a final report it must be 0)',
        '10h is negative: $-3.00 more is spent or obligated than was authorized',
      ],
    ]);
    expect(made({ isFinal: true }).isFinal).toBe(true);
  });

  const micros = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map(fromMicros);
  it('keeps its identities for any amounts', () => {
    fc.assert(
      fc.property(
        fc.array(micros, { minLength: 10, maxLength: 10 }),
        fc.boolean(),
        (amounts, isCash) => {
          function at(n: number): Money {
            return amounts[n] ?? ZERO;
          }
          const { lines } = made({
            accounting: isCash ? 'cash' : 'accrual',
            cashReceipts: at(0),
            cashDisbursements: at(1),
            authorized: at(2),
            federalDirect: at(3),
            federalIndirect: at(4),
            holds: at(5),
            externalObligations: at(6),
            recipientRequired: at(7),
            recipientSpent: at(8),
            incomeEarned: at(9),
          });
          for (const [line, parts] of Object.entries(IDENTITIES)) {
            const terms = Object.entries(parts).map(([id, sign]) =>
              sign > 0 ? lines[id as LineId] : minus(ZERO, lines[id as LineId]),
            );
            expect(lines[line as LineId]).toBe(sum(terms));
          }
          expect(Object.values(lines).every((amount) => amount % 10_000n === 0n)).toBe(true);
          // The federal total does not depend on when money was disbursed.
          const whole = sum([at(3), at(4), at(5), at(6)]);
          expect(
            Math.abs(Number(minus(plus(lines['10e'], lines['10f']), whole))),
          ).toBeLessThanOrEqual(10_000);
        },
      ),
    );
  });
});
