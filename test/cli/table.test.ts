import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Column, tableText } from '../../src/cli/table.ts';

interface Row {
  readonly name: string;
  readonly amount: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, least: 4 },
  { title: 'AMOUNT', cell: ({ amount }) => amount, align: 'right' },
  { title: 'LAST', cell: ({ name }) => name.toLowerCase(), least: 6 },
];
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });

it('sets plain cells as the library sets them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: text, amount: text }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, 40, 80),
      (rows, width) => {
        // One cell that is not ASCII, as wide as another that is: the library sets the whole table.
        const plain = tableText(COLUMNS, [...rows, { name: 'Zoe', amount: '1' }], width);
        const set = tableText(COLUMNS, [...rows, { name: 'Zoé', amount: '1' }], width);
        expect(set.replaceAll('Zoé', 'Zoe').replaceAll('zoé', 'zoe')).toBe(plain);
      },
    ),
  );
});

it('cuts bars and words alike', () => {
  const rows = [{ name: '▁▂▃▄▅▆▇█', amount: '$1.00' }];
  expect(tableText(COLUMNS, rows, 24)).toBe('NAME     AMOUNT  LAST\n▁▂▃▄▅▆…   $1.00  ▁▂▃▄▅▆…');
});

it('cuts words before names that people type, and those only when they are long', () => {
  const columns: readonly Column<Row>[] = [
    { title: 'ACCOUNT', cell: ({ name }) => name, isKey: true },
    { title: 'NAME', cell: ({ amount }) => amount, least: 4 },
  ];
  const long = 'a-name-that-is-longer-than-most';
  const rows = [
    { name: 'ml-research-001', amount: 'Machine Learning Research' },
    { name: long, amount: 'Other' },
  ];
  expect(tableText(columns, rows, 40)).toBe(
    `ACCOUNT                          NAME\nml-research-001                  Machin…\n${long}  Other`,
  );
  expect(tableText(columns, rows, 24)).toBe(
    'ACCOUNT                   NAME\nml-research-001           Mac…\na-name-that-is-longer-t…  Oth…',
  );
});
