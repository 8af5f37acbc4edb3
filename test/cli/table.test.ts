import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Column, tableText } from '../../src/cli/table.ts';
import '../support/property.ts';

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

const ACCOUNTS = [
  { name: 'ml-research-001', amount: 'Machine Learning Research', last: 'true' },
  { name: 'chem', amount: 'Other', last: 'false' },
];
const TITLED: readonly Column<Row & { readonly last: string }>[] = [
  { title: 'ACCOUNT', cell: ({ name }) => name, isKey: true },
  { title: 'NAME', cell: ({ amount }) => amount, least: 4 },
  { title: 'INCREMENTAL', cell: ({ last }) => last },
];

it('cuts words first, then titles, and names that people type only when nothing else is left', () => {
  expect(tableText(TITLED, ACCOUNTS, 37)).toBe(
    `ACCOUNT          NAME     INCREMENTAL
ml-research-001  Machin…  true
chem             Other    false`,
  );
  expect(tableText(TITLED, ACCOUNTS, 30)).toBe(
    `ACCOUNT          NAME  INCREM…
ml-research-001  Mac…  true
chem             Oth…  false`,
  );
  expect(tableText(TITLED, ACCOUNTS, 26)).toBe(
    `ACCOUNT       NAME  INCRE…
ml-research…  Mac…  true
chem          Oth…  false`,
  );
  expect(tableText(TITLED, ACCOUNTS, 20)).toBe(
    `ACCOUNT          NAME  INCREMENTAL
ml-research-001  Mac…  true
chem             Oth…  false`,
  );
});

it('never cuts the last column of a table that is there for it', () => {
  const columns: typeof TITLED = [
    { title: 'ACCOUNT', cell: ({ name }) => name, isKey: true },
    { title: 'MESSAGE', cell: ({ amount }) => amount, isOpenEnded: true },
  ];
  expect(tableText(columns, ACCOUNTS, 20)).toBe(
    `ACCOUNT          MESSAGE
ml-research-001  Machine Learning Research
chem             Other`,
  );
});

const FOLDING: readonly Column<Row>[] = [
  { title: 'FROM', cell: () => '2025-01-01' },
  { title: 'TO', cell: () => '2025-12-31', under: 'FROM' },
  { title: 'LEFT', cell: ({ amount }) => amount, align: 'right' },
  { title: 'NAME', cell: ({ name }) => name },
];

it('puts some columns below others where all of them side by side are too wide', () => {
  const rows = [{ name: 'one', amount: '$250000.00' }];
  expect(tableText(FOLDING, rows, 80)).toBe(
    `FROM        TO                LEFT  NAME
2025-01-01  2025-12-31  $250000.00  one`,
  );
  expect(tableText(FOLDING, rows, 30)).toBe(
    `FROM              LEFT  NAME
TO
2025-01-01  $250000.00  one
2025-12-31`,
  );
});
