import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compressNodelist,
  expandNodelist,
  isNodelistError,
  NODES_MAX,
} from '../../../src/core/slurm/nodelist.ts';
import '../../support/property.ts';

function range(prefix: string, first: number, last: number, width = 0): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_, step) => `${prefix}${String(first + step).padStart(width, '0')}`,
  );
}

describe('expandNodelist', () => {
  it.each([
    ['1', 'aws-hpc-[001-016,020]', [...range('aws-hpc-', 1, 16, 3), 'aws-hpc-020']],
    ['2', 'aws-cpu-001', ['aws-cpu-001']],
    ['3', 'a[1-3],b[5,7-8]', ['a1', 'a2', 'a3', 'b5', 'b7', 'b8']],
    ['4', 'rack[0-1]node[1-2]', ['rack0node1', 'rack0node2', 'rack1node1', 'rack1node2']],
    ['5', 'n[1-2]-[03-04]', ['n1-03', 'n1-04', 'n2-03', 'n2-04']],
    ['6', 'n[08-11]', ['n08', 'n09', 'n10', 'n11']],
    ['7', 'n[098-102]', ['n098', 'n099', 'n100', 'n101', 'n102']],
    ['8', 'n[9-010]', ['n9', 'n10']],
    ['9', 'n[01-02,3-4]', ['n01', 'n02', 'n3', 'n4']],
    ['NL-3, 10: in the order of writing', 'n[5,3,4]', ['n5', 'n3', 'n4']],
    ['NL-3, 11: duplicates stay', 'n[1,1,2]', ['n1', 'n1', 'n2']],
    ['NL-4, 12', ',n1,,n2,', ['n1', 'n2']],
    ['NL-6, 13', 'n[1-2]-ib', ['n1-ib', 'n2-ib']],
    ['NL-1', '[001-3]', ['001', '002', '003']],
    ['NL-1 grows', 'n[08-101]', range('n', 8, 101, 2)],
    ['NL-2', 'a[1-2]b[1-2]c[1-2]', range('', 0, 7).map((n) => threeDimensions(Number(n)))],
    ['blanks separate', 'n1 n2\tn3\nn4', ['n1', 'n2', 'n3', 'n4']],
    ['NL-4: empty', ' ,\n', []],
    ['NL-5: case counts', 'N1,n1', ['N1', 'n1']],
    ['NL-5: 255 characters', 'n'.repeat(255), ['n'.repeat(255)]],
    [
      'beyond doubles',
      'n[9223372036854775806-9223372036854775807]',
      ['n9223372036854775806', 'n9223372036854775807'],
    ],
    ['carry', 'n[999999999-1000000000]', ['n999999999', 'n1000000000']],
    ['prototype words', '__proto__,constructor', ['__proto__', 'constructor']],
  ])('%s expands %j', (_, text, names) => {
    expect(expandNodelist(text)).toEqual(names);
  });

  it.each([
    ['NL-7, 14', 'n[3-1]', 3, 'range is reversed'],
    ['NL-5, 15', 'n[1-65537]', 3, 'more than 65536 numbers in one range'],
    ['NL-7: empty bracket', 'n[]', 3, 'empty bracket'],
    ['NL-7: empty range', 'n[1,,2]', 5, 'empty range inside a bracket'],
    ['empty range at the end', 'n[1,]', 5, 'empty range inside a bracket'],
    ['NL-7: no end', 'n[1-]', 5, 'range has no end'],
    ['NL-7: no start', 'n[-1]', 3, 'range has no start'],
    ['NL-7: letters', 'n[1-a]', 5, 'character a is not allowed inside a bracket'],
    ['letter', 'n[x]', 3, 'character x is not allowed inside a bracket'],
    ['NL-7: blank', 'n[1, 2]', 5, 'blank inside a bracket'],
    ['NL-7: not closed', 'n[1', 4, 'bracket is not closed'],
    ['NL-7: not opened', 'n1]', 3, 'bracket is not opened'],
    ['NL-7: nested', 'n[1[2]]', 4, 'bracket inside a bracket'],
    ['NL-7: semicolon', 'a,n1;reboot', 5, 'character ; is not allowed'],
    ['NL-7: dollar', '$(id)', 1, 'character $ is not allowed'],
    ['NL-7: double quote', 'n"1"', 2, 'character " is not allowed'],
    ['NL-7: quote', "n'1'", 2, "character ' is not allowed"],
    ['NL-7: star', 'n*', 2, 'character * is not allowed'],
    ['nul', 'n\u0000', 2, 'character U+0000 is not allowed'],
    ['right to left', 'n\u202E1', 2, 'character U+202E is not allowed'],
    ['NL-7: too large', 'n[9223372036854775808]', 3, 'number is larger than 9223372036854775807'],
    ['too large end', 'n[1-9223372036854775808]', 5, 'number is larger than 9223372036854775807'],
    ['too many', `x,${'[1-10]'.repeat(6)}`, 3, `more than ${NODES_MAX} names`],
    ['far too many', '[0-9]'.repeat(400), 1, 'a name is longer than 255 characters'],
    ['NL-5: too many in all', 'a[1-50000],b[1-50001]', 12, `more than ${NODES_MAX} names`],
    ['many ranges', `n[${'1,'.repeat(200_000)}1]`, 1, `more than ${NODES_MAX} names`],
    ['NL-5: long', 'n'.repeat(256), 1, 'a name is longer than 255 characters'],
    ['wide', `n[${'0'.repeat(300)}1]`, 1, 'a name is longer than 255 characters'],
    ['NL-7: one bad spoils all', 'n1,n2,n[', 9, 'bracket is not closed'],
  ])('%s refuses %s', (_, text, column, why) => {
    expect(expandNodelist(text)).toEqual({
      kind: 'nodelist_error',
      column,
      why,
      text: `bad nodelist at column ${column}: ${why}`,
    });
  });

  it('NL-5: takes 65536 numbers in one range, 100000 names in all', () => {
    expect(expandNodelist('n[1-50000],m[1-50000]')).toHaveLength(NODES_MAX);
    expect(expandNodelist('n[1-65536]')).toHaveLength(65_536);
  });

  it('NL-6: refuses text after the last bracket only when strict', () => {
    expect(expandNodelist('n[1-2]-ib', { strict: true })).toMatchObject({
      text: 'bad nodelist at column 7: text after the last bracket',
    });
    expect(expandNodelist('rack[0-1]node[1-2]', { strict: true })).toHaveLength(4);
  });

  it('NL-3: drops later duplicates on request', () => {
    expect(expandNodelist('n[2,1,2],n1', { unique: true })).toEqual(['n2', 'n1']);
  });

  it('answers every text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('n', '0', '1', '9', '-', '[', ']', ',', ' ', '\t', ';', 'é'),
          maxLength: 40,
        }),
        (text) => {
          const answer = expandNodelist(text);
          if (isNodelistError(answer)) {
            expect(answer.column).toBeGreaterThanOrEqual(1);
            expect(answer.column).toBeLessThanOrEqual(text.length + 1);
          } else {
            expect(answer.every((name) => name.length > 0 && name.length <= 255)).toBe(true);
          }
        },
      ),
    );
  });
});

describe('compressNodelist', () => {
  it.each([
    ['16', ['aws-hpc-001', 'aws-hpc-002', 'aws-hpc-003', 'aws-hpc-020'], 'aws-hpc-[001-003,020]'],
    ['17', ['b2', 'a1', 'b1', 'a2'], 'a[1-2],b[1-2]'],
    ['18', ['n1', 'n01', 'n2', 'n02'], 'n[1-2,01-02]'],
    ['19', ['n8', 'n9', 'n10', 'n010'], 'n[8-10,010]'],
    [
      '20',
      ['rack0node1', 'rack0node2', 'rack1node1', 'login', 'n098', 'n099', 'n100'],
      'login,n[098-100],rack0node[1-2],rack1node1',
    ],
    ['unnumbered first', ['a2', 'a1', 'a'], 'a,a[1-2]'],
    ['numbers only', ['2', '1', '10'], '[1-2,10]'],
    ['duplicates', ['n1', 'n1'], 'n1'],
    ['nothing', [], ''],
    [
      'too large to count',
      ['n9223372036854775808', 'n9223372036854775809'],
      'n9223372036854775808,n9223372036854775809',
    ],
  ])('%s', (_, names, list) => {
    expect(compressNodelist(names)).toBe(list);
  });

  it('cuts a range where SLURM would refuse its length', () => {
    expect(compressNodelist(range('n', 1, 70_000))).toBe('n[1-65536,65537-70000]');
  });

  it('expands to the same set again, in any order of names', () => {
    const digits = fc.string({
      unit: fc.constantFrom('0', '1', '2', '8', '9'),
      minLength: 0,
      maxLength: 4,
    });
    const prefix = fc.constantFrom('n', 'n-', 'rack1n', 'a', '');
    const name = fc
      .tuple(prefix, digits)
      .map((parts) => parts.join(''))
      .filter((text) => text !== '');
    fc.assert(
      fc.property(fc.array(name, { maxLength: 60 }), (names) => {
        const list = compressNodelist(names);
        const again = expandNodelist(list, { strict: true });
        expect(new Set(isNodelistError(again) ? [] : again)).toEqual(new Set(names));
        expect(again).toHaveLength(new Set(names).size);
        expect(compressNodelist(names.toReversed())).toBe(list);
      }),
      { numRuns: 1000 },
    );
  });
});

function threeDimensions(n: number): string {
  return `a${1 + Math.floor(n / 4)}b${1 + (Math.floor(n / 2) % 2)}c${1 + (n % 2)}`;
}
