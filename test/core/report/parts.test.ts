import { describe, expect, it } from 'vitest';
import { dayText } from '../../../src/core/grant/calendar.ts';
import type { EntryRow, FaRateRow } from '../../../src/core/grant/rows.ts';
import { toDecimal, ZERO } from '../../../src/core/money/money.ts';
import { asOfMoment, rangeOf } from '../../../src/core/report/ask.ts';
import type { OpenHold } from '../../../src/core/report/books.ts';
import { complianceChecks } from '../../../src/core/report/compliance.ts';
import { csvLine } from '../../../src/core/report/csv-line.ts';
import { lastCompleted, reportsDue } from '../../../src/core/report/due.ts';
import { federalPart } from '../../../src/core/report/entries.ts';
import { indirectLines, rateWarnings, uncoveredDays } from '../../../src/core/report/indirect.ts';
import { mtdcOf } from '../../../src/core/report/mtdc.ts';
import { LINES, type Lines } from '../../../src/core/report/sf425.ts';
import { usd } from '../../support/dollars.ts';

function entry(entryId: number, row: Partial<EntryRow>): EntryRow {
  return {
    entryId,
    awardId: 1,
    day: 20_250_601,
    category: 'travel',
    kind: 'expenditure',
    share: 'federal',
    inMtdc: true,
    amount: usd('1'),
    reference: `r${entryId}`,
    subaward: '',
    notes: '',
    createdUs: 1,
    ...row,
  };
}

const DUE_DAYS = { quarterly: 30, semi_annual: 30, annual: 90, final: 120 };

describe('the base of MTDC (budget.md 8.2)', () => {
  const cap = usd('50000');
  it.each<[string, readonly Partial<EntryRow>[], string]>([
    ['travel counts', [{ amount: usd('700') }], '700'],
    ['equipment does not', [{ category: 'equipment', inMtdc: false, amount: usd('20000') }], '0'],
    ['a subaward up to the cap', [{ category: 'subaward', amount: usd('60000') }], '50000'],
    ['at the cap', [{ category: 'subaward', amount: usd('50000') }], '50000'],
    [
      'two payments of one subaward share a cap',
      [
        { category: 'subaward', subaward: 'MIT', amount: usd('40000') },
        { category: 'subaward', subaward: 'MIT', amount: usd('40000') },
      ],
      '50000',
    ],
    [
      'two subawards have one each',
      [
        { category: 'subaward', subaward: 'MIT', amount: usd('40000') },
        { category: 'subaward', subaward: 'ETH', amount: usd('60000') },
      ],
      '90000',
    ],
    [
      'a correction below the cap gives back what it covered',
      [
        { category: 'subaward', subaward: 'MIT', amount: usd('60000') },
        { category: 'subaward', subaward: 'MIT', amount: usd('-20000') },
      ],
      '40000',
    ],
  ])('%s', (_, rows, expected) => {
    const entries = rows.map((row, at) => entry(at + 1, row));
    const { base } = mtdcOf({ compute: ZERO, isComputeInBase: true, entries, cap });
    expect(toDecimal(base)).toBe(expected);
  });

  it('has compute in it unless the award says otherwise', () => {
    const facts = { compute: usd('150000'), entries: [], cap };
    expect(mtdcOf({ ...facts, isComputeInBase: true }).base).toBe(usd('150000'));
    expect(mtdcOf({ ...facts, isComputeInBase: false })).toMatchObject({
      base: ZERO,
      direct: usd('150000'),
    });
  });
});

function rate(rateId: number, row: Partial<FaRateRow>): FaRateRow {
  return {
    rateId,
    awardId: 1,
    rateE4: 3000,
    base: 'MTDC',
    fromDay: 20_250_101,
    toDay: 20_271_231,
    type: 'predetermined',
    ...row,
  };
}

describe('line 11', () => {
  const booked = [{ rateId: 1, base: usd('200000'), amount: usd('60000'), recipientFa: usd('10') }];

  it('cuts the row in force at the end of the period', () => {
    const { lines, charged } = indirectLines([rate(1, {})], booked, 20_251_231);
    expect(lines).toEqual([
      {
        ...{ rateId: 1, type: 'predetermined', base: 'MTDC', rateE4: 3000 },
        ...{ fromDay: 20_250_101, toDay: 20_251_231 },
        ...{ baseAmount: usd('200000'), charged: usd('60000'), federal: usd('59990') },
      },
    ]);
    expect(charged).toBe(usd('60000'));
  });

  it.each([
    ['later rows', rate(2, { fromDay: 20_260_101 }), 0],
    ['rows without a base', rate(2, { base: 'none' }), 0],
    ['rows that another replaced', rate(2, { replacedBy: 3 }), 0],
    ['but not a row without charges yet', rate(2, {}), 1],
  ])('leaves out %s', (_, row, count) => {
    expect(indirectLines([row], [], 20_251_231).lines).toHaveLength(count);
  });

  it('warns of days that no row covers, of de minimis above its limit, of cents', () => {
    const rates = [rate(1, { toDay: 20_250_630, type: 'de_minimis' })];
    const days = [20_250_630, 20_250_701].map((day) => ({
      ...{ day, spent: usd('1'), fa: ZERO, dayCount: 1 },
    }));
    const uncovered = uncoveredDays(rates, days, 20_251_231);
    expect(uncovered).toEqual({ firstDay: 20_250_701, dayCount: 1 });
    const off = [{ rateId: 1, base: usd('1'), amount: usd('0.31'), recipientFa: ZERO }];
    expect(rateWarnings(rates, { booked: off, uncovered }, 1500)).toEqual([
      expect.stringContaining('charges on 1 day from 2025-07-01 on lie outside every rate row'),
      'a de minimis rate of 0.3000 is above the limit of 0.1500 (2 CFR 200.414(f))',
      expect.stringContaining('differs by $0.01 from rate × base'),
    ]);
  });
});

describe('reports due (budget.md 8.6)', () => {
  const award = { startDay: 20_250_215, endDay: 20_261_130, periodEnds: [20_260_214, 20_261_130] };
  it.each([
    ['annual', ['2026-02-14 2026-05-15', '2026-11-30 2027-03-30']],
    [
      'semi_annual',
      [
        '2025-06-30 2025-07-30',
        '2025-12-31 2026-01-30',
        '2026-06-30 2026-07-30',
        '2026-11-30 2027-03-30',
      ],
    ],
    [
      'quarterly',
      [
        ...['2025-03-31 2025-04-30', '2025-06-30 2025-07-30', '2025-09-30 2025-10-30'],
        ...['2025-12-31 2026-01-30', '2026-03-31 2026-04-30', '2026-06-30 2026-07-30'],
        ...['2026-09-30 2026-10-30', '2026-11-30 2027-03-30'],
      ],
    ],
  ] as const)('%s', (frequency, expected) => {
    const due = reportsDue({ ...award, frequency }, [], DUE_DAYS);
    expect(
      due.map(({ periodEndDay, dueDay }) => `${dayText(periodEndDay)} ${dayText(dueDay)}`),
    ).toEqual(expected);
    expect(due.at(-1)?.kind).toBe('final');
  });

  it('takes the last period that is over', () => {
    const due = reportsDue({ ...award, frequency: 'quarterly' }, [], DUE_DAYS);
    expect(lastCompleted(due, 20_250_331)).toBeUndefined();
    expect(lastCompleted(due, 20_250_401)?.periodEndDay).toBe(20_250_331);
    expect(lastCompleted(due, 20_300_101)?.kind).toBe('final');
  });
});

const HOLD: OpenHold = {
  ...{ holdId: 1, token: 'a', openedSeq: 1, openedDay: 20_250_101, budgetId: 1, accountName: 'x' },
  ...{ partition: 'aws', userName: 'ada', arrayTask: -1, isOpen: true, federalShareE4: 10_000 },
  ...{ amount: usd('100'), fa: usd('30') },
};

describe('the federal part of a hold', () => {
  it.each([
    [10_000, '130'],
    [7500, '97.5'],
    [0, '0'],
    [3333, '43.33'],
  ])('at a share of %d/10000', (federalShareE4, expected) => {
    expect(toDecimal(federalPart({ ...HOLD, federalShareE4 }))).toBe(expected);
  });
});

describe('compliance', () => {
  const zeros = Object.fromEntries(Object.keys(LINES).map((id) => [id, ZERO])) as unknown as Lines;
  const good = {
    lines: { ...zeros, '10h': usd('5'), '10i': usd('100'), '10j': usd('50') },
    ...{ startDay: 20_250_101, endDay: 20_251_231, today: 20_250_701 },
    costDays: [{ day: 20_250_101, spent: usd('1'), fa: ZERO }],
    rates: [rate(1, { toDay: 20_250_630 }), rate(2, { fromDay: 20_250_701, toDay: 20_251_231 })],
    due: [],
    holds: [{ ...HOLD, openedDay: 20_250_601 }],
    broken: [],
  };
  function verdicts(facts: Parameters<typeof complianceChecks>[0]): string {
    return complianceChecks(facts)
      .map(({ verdict }) => verdict)
      .join(' ');
  }

  it.each<[string, Partial<Parameters<typeof complianceChecks>[0]>, string]>([
    ['everything in order', {}, 'pass pass pass pass pass pass pass'],
    [
      'balance below zero',
      { lines: { ...good.lines, '10h': usd('-0.01') } },
      'fail pass pass pass pass pass pass',
    ],
    [
      'a charge after the end',
      { costDays: [{ day: 20_260_101, spent: usd('1'), fa: ZERO }] },
      'pass fail pass pass pass pass pass',
    ],
    [
      'a day whose charges were refunded is none',
      { costDays: [{ day: 20_260_101, spent: ZERO, fa: ZERO }] },
      'pass pass pass pass pass pass pass',
    ],
    [
      'a report that is missing',
      {
        due: [{ kind: 'annual', periodStartDay: 1, periodEndDay: 20_250_301, dueDay: 20_250_630 }],
      },
      'pass pass fail pass pass pass pass',
    ],
    [
      'one that was late',
      {
        due: [
          {
            kind: 'annual',
            periodStartDay: 1,
            periodEndDay: 20_250_301,
            dueDay: 20_250_530,
            submittedDay: 20_250_531,
          },
        ],
      },
      'pass pass fail pass pass pass pass',
    ],
    [
      'one that is due today',
      {
        due: [{ kind: 'annual', periodStartDay: 1, periodEndDay: 20_250_301, dueDay: 20_250_701 }],
      },
      'pass pass pass pass pass pass pass',
    ],
    [
      'a gap between rates',
      { rates: [rate(1, { toDay: 20_250_629 }), rate(2, { fromDay: 20_250_701 })] },
      'pass pass pass fail pass pass pass',
    ],
    [
      'rates that stop early',
      { rates: [rate(1, { toDay: 20_251_230 })] },
      'pass pass pass fail pass pass pass',
    ],
    [
      'cost share behind',
      { lines: { ...good.lines, '10j': usd('49') } },
      'pass pass pass pass fail pass pass',
    ],
    [
      'no cost share',
      { lines: { ...good.lines, '10i': ZERO } },
      'pass pass pass pass n/a pass pass',
    ],
    [
      'a hold of 31 days',
      { holds: [{ ...HOLD, openedDay: 20_250_531 }] },
      'pass pass pass pass pass fail pass',
    ],
    ['a broken predicate', { broken: ['I3'] }, 'pass pass pass pass pass pass fail'],
    ['not verified', { broken: undefined }, 'pass pass pass pass pass pass n/a'],
  ])('%s', (_, change, expected) => {
    expect(verdicts({ ...good, ...change })).toBe(expected);
  });
});

describe('the range of a report', () => {
  const periods = [
    { number: 1, startDay: 20_250_101, endDay: 20_251_231 },
    { number: 2, startDay: 20_260_101, endDay: 20_261_231 },
  ];
  const frame = {
    ...{
      grantStartDay: 20_250_101,
      grantEndDay: 20_261_231,
      today: 20_260_301,
      zone: 'UTC',
      periods,
    },
    due: reportsDue(
      { startDay: 20_250_101, endDay: 20_261_231, frequency: 'quarterly', periodEnds: [] },
      [],
      DUE_DAYS,
    ),
  };
  it.each([
    [{}, { startDay: 20_250_101, endDay: 20_251_231 }],
    [{ period: 2 }, { startDay: 20_260_101, endDay: 20_261_231, periodNumber: 2 }],
    [{ end: '2025-09-30' }, { startDay: 20_250_101, endDay: 20_250_930 }],
    [{ start: '2025-07-01' }, { startDay: 20_250_701, endDay: 20_251_231 }],
    [
      { start: '2025-07-01T12:00:00Z', end: '2025-07-01' },
      { startDay: 20_250_701, endDay: 20_250_701 },
    ],
  ])('%j', (ask, expected) => {
    expect(rangeOf(ask, frame)).toEqual(expected);
  });
  it.each([
    [{ period: 3 }, 'the grant has periods 1 to 2'],
    [{ period: 1, end: '2025-09-30' }, 'exclude each other'],
    [{ start: '2025-13-01' }, 'not a date'],
    [{ end: 'soon' }, 'not a date'],
    [{ start: '2025-07-02', end: '2025-07-01' }, 'before 2025-07-02'],
  ])('refuses %j', (ask, text) => {
    expect(rangeOf(ask, frame)).toMatchObject({
      code: 'VALIDATION_ERROR',
      text: expect.stringContaining(text),
    });
  });
  it('reaches to today while no reporting period is over', () => {
    expect(rangeOf({}, { ...frame, today: 20_250_210 })).toMatchObject({
      endDay: 20_250_210,
      note: expect.stringContaining('no reporting period is over yet'),
    });
  });
});

describe('--as-of', () => {
  const now = { nowUs: 1_795_262_400_000_000, zone: 'America/New_York' };
  it.each([
    [undefined, 1_795_262_400_000_000, 20_261_121],
    ['2026-11-20', 1_795_237_199_999_999, 20_261_120],
    ['2026-11-21T03:00:00Z', 1_795_230_000_999_999, 20_261_120],
  ])('%s', (text, asOfUs, today) => {
    expect(asOfMoment(text, now)).toEqual({ asOfUs, today });
  });
  it('refuses anything else', () => {
    expect(asOfMoment('yesterday', now)).toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});

describe('a line of CSV', () => {
  it.each([
    [['a', 'b'], 'a,b\n'],
    [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""",two\\u000alines\n'],
    [['-5.25', '=1+1', '-cmd', '@x', '+1'], "-5.25,'=1+1,'-cmd,'@x,'+1\n"],
  ])('%j', (fields, line) => {
    expect(csvLine(fields)).toBe(line);
  });
});
