import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefused } from '../../../src/core/errors.ts';
import { countsInMtdc, isSubaward, readEntries } from '../../../src/core/grant/entry-words.ts';
import '../../support/property.ts';

const HEADER = 'date,category,amount,reference,notes';

function cells(text: string): unknown {
  const entries = readEntries(text);
  return isRefused(entries) ? entries.text : entries.map(({ line, cells: own }) => [line, own]);
}

describe('a file of entries', () => {
  it('may quote, leave lines out, begin with a mark and end lines as Windows does', () => {
    const text = `\uFEFF${HEADER}\r\n2026-01-02, travel ,1.50,A-1,"Denver, ""late""\nand back"\r\n\r\n2026-01-03,books,2,A-2,\r\n`;
    expect(cells(text)).toEqual([
      [
        2,
        {
          date: '2026-01-02',
          category: 'travel',
          amount: '1.50',
          reference: 'A-1',
          notes: 'Denver, "late"\nand back',
        },
      ],
      [5, { date: '2026-01-03', category: 'books', amount: '2', reference: 'A-2', notes: '' }],
    ]);
  });

  it.each([
    ['', 'the file is empty'],
    ['\n\n', 'the file is empty'],
    ['date,category,amount', 'line 1: there is no column reference'],
    [`${HEADER},colour`, "line 1: column 'colour' is not known"],
    [`${HEADER},date`, 'line 1: column date comes twice'],
    [`${HEADER}\na,b,c,d`, 'line 2: 4 fields, the header has 5'],
    [`${HEADER}\na,b,c,d,"e`, 'line 2: a quote is never closed'],
  ])('%j: %s', (text, told) => {
    expect(cells(text)).toBe(told);
  });

  it('gives back any text that was quoted', () => {
    const field = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\r\n', '\n'));
    fc.assert(
      fc.property(fc.array(field, { minLength: 4, maxLength: 4 }), (fields) => {
        fc.pre(fields.some((each) => each !== ''));
        const line = fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
        const entries = readEntries(`date,category,amount,reference\n${line}\n`);
        expect(isRefused(entries) ? entries.text : Object.values(entries[0]?.cells ?? {})).toEqual(
          fields,
        );
      }),
    );
  });
});

describe('what counts in MTDC by its nature', () => {
  it.each([
    ['travel', true],
    ['salaries', true],
    ['Materials and supplies', true],
    ['subaward', true],
    ['Equipment', false],
    ['capital expenditures', false],
    ['patient care', false],
    ['rental of space', false],
    ['parents evening', true],
    ['tuition remission', false],
    ['fellowships', false],
    ['participant support', false],
  ])('%s: %s', (category, counts) => {
    expect(countsInMtdc(category)).toBe(counts);
  });

  it.each([
    ['subaward', true],
    ['Sub-Awards', true],
    ['subaward to X', false],
  ])('%s is a subaward: %s', (category, is) => {
    expect(isSubaward(category)).toBe(is);
  });
});
