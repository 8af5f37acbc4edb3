import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorBody } from '../../schema/output/common.ts';
import { failureBody, failureLine, failureOf } from '../../src/cli/failure.ts';
import { jsonText } from '../../src/cli/json-text.ts';
import { blockText, type Column, tableText } from '../../src/cli/table.ts';
import { Bug, EXIT, exitCodeOf, Fault, REFUSAL_CODES, refused } from '../../src/core/errors.ts';
import { fromMicros } from '../../src/core/money/storage.ts';
import { usd } from '../support/dollars.ts';
import '../support/property.ts';

/** What a terminal would act upon, and JSON need not escape. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

describe('JSON on its way out', () => {
  it('has money as a number written from its digits', () => {
    const money = { a: usd('150.60'), b: usd('-9.1625'), c: usd('999999999999.123456') };
    expect(jsonText(money)).toBe(
      '{\n  "a": 150.6,\n  "b": -9.1625,\n  "c": 999999999999.123456\n}',
    );
  });

  it('leaves out what is not known, and shows empty lists', () => {
    expect(jsonText({ a: undefined, b: null, c: [], d: {}, e: [undefined] })).toBe(
      '{\n  "b": null,\n  "c": [],\n  "d": {},\n  "e": [\n    null\n  ]\n}',
    );
  });

  it('is what JSON.stringify writes, where there is no money and nothing that turns a line round', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const plain = JSON.stringify(value, null, 2).replaceAll(UNSAFE, escaped);
        expect(jsonText(value as never)).toBe(plain);
      }),
    );
  });
});

interface Row {
  readonly name: string;
  readonly amount: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, least: 6 },
  { title: 'AMOUNT', cell: ({ amount }) => amount, align: 'right' },
];

describe('a table', () => {
  it('has two blanks between columns and none at the end', () => {
    const rows = [
      { name: 'a', amount: '$1.00' },
      { name: 'longer', amount: '$12345.00' },
    ];
    expect(tableText(COLUMNS, rows, 80)).toBe(
      'NAME       AMOUNT\na           $1.00\nlonger  $12345.00',
    );
  });

  it('fits the width by cutting what may be cut, never an amount', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 120 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const rows = names.map((each) => ({ name: each, amount: '$123456789.00' }));
        const lines = tableText(COLUMNS, rows, 40).split('\n');
        expect(lines).toHaveLength(names.length + 1);
        const segments = new Intl.Segmenter();
        for (const line of lines.slice(1)) {
          expect(line.endsWith('  $123456789.00')).toBe(true);
          expect([...segments.segment(line)].length).toBeLessThanOrEqual(40);
        }
      }),
    );
  });

  it('shows control characters instead of obeying them', () => {
    const rows = [{ name: '\u001b[2J\nx', amount: '1' }];
    expect(tableText(COLUMNS, rows, undefined)).toContain('\\u001b[2J\\u000ax');
  });

  it('cuts nothing without a width', () => {
    const rows = [{ name: 'x'.repeat(200), amount: '1' }];
    expect(tableText(COLUMNS, rows, undefined)).toContain('x'.repeat(200));
  });
});

describe('a block', () => {
  it('has its values in one column, below a title if it has one', () => {
    expect(blockText('Money', { Limit: '$1.00', Available: '$0.50', Note: undefined })).toBe(
      'Money:\n  Limit:      $1.00\n  Available:  $0.50',
    );
    expect(blockText('', { Version: '1' })).toBe('Version:  1');
  });
});

describe('a failure', () => {
  it.each([
    [
      refused('NOT_FOUND', 'no such thing', { advice: 'look' }),
      3,
      'NOT_FOUND: no such thing (look)',
    ],
    [refused('INSUFFICIENT_BUDGET', 'too much'), 10, 'INSUFFICIENT_BUDGET: too much'],
    [new Fault('busy', { exitCode: EXIT.tryAgain }), 75, 'SERVICE_UNAVAILABLE: busy'],
    [new Fault('bad config', { exitCode: EXIT.usage }), 2, 'VALIDATION_ERROR: bad config'],
    [new Fault('damaged', { exitCode: EXIT.integrity }), 22, 'INTEGRITY: damaged'],
    [new Fault('not you', { exitCode: EXIT.refused }), 3, 'FORBIDDEN: not you'],
    [new Fault('wrong place'), 1, 'FAULT: wrong place'],
  ])('%s', (error, code, line) => {
    const failure = failureOf(error);
    expect(failure.exitCode).toBe(code);
    expect(failureLine(failure, false)).toBe(`Error: ${line}`);
    expect(
      ErrorBody.safeParse(JSON.parse(jsonText(failureBody(failure, 0)))).error,
    ).toBeUndefined();
  });

  it.each([new Bug('parts do not add up'), new TypeError('undefined is not a function')])(
    'of our own asks for a report, and shows its stack only to those who ask',
    (error) => {
      const failure = failureOf(error);
      expect(failure.exitCode).toBe(1);
      expect(failureLine(failure, false)).toContain('please report');
      expect(failureLine(failure, false)).not.toContain('    at ');
      expect(failureLine(failure, true)).toContain('    at ');
    },
  );

  it('has one of the seven exit codes, whatever its name', () => {
    const codes = new Set(REFUSAL_CODES.map(exitCodeOf));
    expect([...codes].toSorted((a, b) => a - b)).toEqual([2, 3, 10, 22, 75]);
  });

  it('carries its figures and the field it is about', () => {
    const failure = failureOf(
      refused('VALIDATION_ERROR', 'no', { fields: { field: 'amount', required: '5' } }),
    );
    expect(JSON.parse(jsonText(failureBody(failure, 1_795_262_400_123)))).toEqual({
      error: {
        code: 'VALIDATION_ERROR',
        message: 'no',
        field: 'amount',
        fields: { required: '5' },
      },
      request_id: 'req_1795262400123',
      timestamp: '2026-11-21T12:00:00Z',
    });
  });
});

it('micro-dollars of nothing are nothing', () => {
  expect(jsonText(fromMicros(0n))).toBe('0');
});
