// What a flag or an argument can be, with what each of them must refuse and what it must take
// (budget.md 0, reliability.md 4.2 and 4.6). A flag without a kind fails the test: see table.ts.

export interface Kind {
  /** Malformed: VALIDATION_ERROR, 2. */
  readonly malformed?: readonly string[];
  /** Well formed, and nobody's: NOT_FOUND, 3. */
  readonly absent?: readonly string[];
  /** One slip away from a name of the books: NOT_FOUND that suggests the other. */
  readonly slip?: readonly [typed: string, meant: string];
  /** Either of the two: what matters is that it goes nowhere. */
  readonly hostile?: readonly string[];
  /** Files and folders that cannot be used: 1, 2 or 3, told in a sentence. */
  readonly outside?: readonly string[];
  /** Understood: whatever else may be against it, it is not VALIDATION_ERROR. */
  readonly taken?: readonly string[];
}

/** More than one argument may have on Linux (128 KiB); files and HTTP can bring it. */
const HUGE = 'x'.repeat(1_000_000);

/** What shells, terminals, SQL, C strings and options take for more than letters. */
const HOSTILE = [
  '$(touch /tmp/asbb-was-here)',
  '`id`; rm -rf /',
  "' OR 1=1; DROP TABLE account; --",
  'a"b\\c',
  'two\nlines',
  'nul\u0000byte',
  '\u001b[31mred\u0007',
  '\u202egnp.exe',
  '../../etc/passwd',
  '%s%n{{x}}',
  '😀',
  '-rf',
  HUGE,
] as const;

const AMOUNT = [
  ...['1,200.50', '1.200,50', '1 200', '1_200', '1e3', '1E3', '$100', '100$', '€5', '100 USD'],
  ...['1.0000001', '0.1234567', '1.', '.5', '+5', '--5', '0x10', 'NaN', 'Infinity', 'abc', '', ' '],
  ...['1234567890123', '٣', '１２', '1.5.5', ' 5', '5\n', '1\u00005', '1/3', '10%', HUGE],
];

const DATE = [
  ...['2026-02-30', '2025-02-29', '2026-13-01', '2026-00-10', '2026-01-00', '2026-1-1', '20261121'],
  ...['01/02/2026', '21.11.2026', '2026/11/21', 'tomorrow', 'Nov 21 2026', '1795262400', '', ' '],
  ...['2026-11-21T10:00', '2026-11-21T10:00:00', '2026-11-21 10:00:00Z', '2026-11-21Z'],
  ...['2026-11-21T24:00:00Z', '2026-11-21T10:60:00Z', '2026-11-21T10:00:61Z'],
  ...['2026-11-21T10:00:00 Europe/Berlin', '2026-11-21T10:00:00CET', '2026-11-21T10:00:00+0100'],
  ...['2026-11-21T10:00:00+25:00', '2026-11-21T10:00:00+01:60', '+002026-11-21', '-2026-11-21'],
  ...['0000-01-01', '0099-01-01', '10000-01-01', '２０２６-11-21', '2026-11-21\n', HUGE],
];

const DATE_TAKEN = [
  ...['2026-11-24', '2026-11-24T10:00:00Z', '2026-11-24T10:00:00+05:30'],
  ...['2026-11-24T10:00:00.5-08:00', '2026-11-24t10:00:00z'],
];

const WHOLE = [
  ...['1.5', '1e3', '0x10', '-1', '+1', '', ' ', 'abc', '1,000', ' 5', '٣', '5\n', 'NaN'],
  ...['9007199254740993', '99999999999999999999', HUGE],
];

const SPAN = [
  ...['0d', '-7d', '7', 'd', '7x', '1.5m', '1e3d', '7 d', '', ' ', '99999d', '7d\n', HUGE],
];

const TIME = ['soon', '', '-1h', '1e3', '1:2:3:4', '2 h', '٣h', HUGE];

function names(typed: string, meant: string): Kind {
  return {
    slip: [typed, meant],
    absent: ['no-such-thing-at-all'],
    hostile: HOSTILE,
  };
}

export const KINDS = {
  /** Dollars, 0 or more. */
  amount: { malformed: [...AMOUNT, '-5', '-0.01'], taken: ['1', '1.5', '1.000001', '001.50'] },
  /** Dollars, more than 0. */
  positive: { malformed: [...AMOUNT, '-5', '-0.01', '0', '0.000000'], taken: ['1', '1.000001'] },
  /** Dollars, more than 0, in sum. */
  total: { malformed: [...AMOUNT, '-5', '0'], taken: ['1000', '1000.000001'] },
  /** Dollars, not 0. */
  signed: { malformed: [...AMOUNT, '0', '-0', '- 5'], taken: ['1', '-1', '-0.000001'] },
  /** The same, where there is nothing yet to take off from. */
  entry: { malformed: [...AMOUNT, '0', '-0', '- 5'], taken: ['1'] },
  /** 0 to 1. */
  rate: {
    malformed: [
      ...['30', '1.01', '1.0001', '-0.1', '0.12345', '30%', '.3', '0,3', '3e-1', '', ' '],
      ...['one', 'NaN', '+0.3', '0.3\n', '٠.٣', HUGE],
    ],
    taken: ['0', '1', '0.3', '0.3000'],
  },
  date: { malformed: DATE, taken: DATE_TAKEN },
  /** Not in the future. */
  pastDate: { malformed: [...DATE, '2026-11-22'], taken: ['2026-11-20', '2026-11-20T10:00:00Z'] },
  /** '' takes it away. */
  dateOrNone: { malformed: DATE.filter((text) => text !== ''), taken: ['', ...DATE_TAKEN] },
  /** After what it was. */
  laterDate: { malformed: [...DATE, '2026-11-24'], taken: ['2028-12-31', '2028-12-31T10:00:00Z'] },
  duration: {
    malformed: [
      'soon',
      '',
      ' ',
      '5',
      '-5h',
      '1e3s',
      '1,5h',
      '5 m',
      'PT1H',
      '٣h',
      '5h\n',
      '1w1d',
      '-1w',
      HUGE,
    ],
    taken: ['90s', '1h30m', '7d', '1.5h', '1w'],
  },
  /** Back from today. */
  span: {
    malformed: SPAN,
    taken: ['7d', '4w', '6m', '1y', '45d'],
  },
  /** Back from now: hours, too. */
  last: {
    malformed: SPAN,
    taken: ['12h', '7d', '4w', '6m', '1y'],
  },
  months: { malformed: [...WHOLE, '0', '61', 'twelve'], taken: ['1', '12', '60'] },
  /** 1 or more. */
  count: { malformed: [...WHOLE, '0'], taken: ['1'] },
  /** 0 or more. */
  count0: { malformed: WHOLE, taken: ['0', '1'] },
  enum: { malformed: ['no-such-word', '', ' ', 'x,y', '__proto__', 'constructor', ...HOSTILE] },
  account: names('ml-8', 'ml-7'),
  grant: names('NSF-2025-12354', 'NSF-2025-12345'),
  partition: names('awz', 'aws'),
  /** PARTITION/GROUP of the configuration. */
  nodeGroup: { absent: ['aws/nope', 'aws', '/'], hostile: ['', ...HOSTILE], taken: ['aws/cpu'] },
  /** Any partition of SLURM: only its form can be told. */
  newPartition: { malformed: ['', ' ', 'a,b', 'x'.repeat(65), ...HOSTILE], taken: ['gpu'] },
  /** A name that is not taken yet. */
  newAccount: { malformed: ['', ' ', 'a/b', '.a', 'x'.repeat(65), ...HOSTILE], taken: ['ml-9'] },
  newAccountOrNone: { malformed: [' ', 'a/b', '.a', ...HOSTILE], taken: ['', 'ml-9'] },
  /** As in sbatch: some of them, by commas; none is the usual one. */
  partitionList: { malformed: ['a b', 'a/b', 'x'.repeat(65), ...HOSTILE], taken: ['aws,hpc', ''] },
  newGrant: {
    malformed: ['', ' ', 'x'.repeat(129), 'two\nlines', '-rf', HUGE],
    taken: ['G/7 (b)'],
  },
  id: {
    malformed: [...WHOLE, '0', 'first', '1;2'],
    absent: ['999999'],
  },
  transaction: {
    absent: ['999999', 'txn_999999', 'txn_no-such', 'alloc_9_20260101', '0', '-'],
    hostile: [...HOSTILE, '', ' ', '1.5', '1e3'],
  },
  /** Of SLURM. */
  job: {
    malformed: ['', ' ', 'x', '-1', '1.5', '1e3', '123_', '_4', '1_2_3', '1;2', '12345678901'],
    hostile: HOSTILE,
  },
  key: { malformed: ['', ' ', 'a b', 'ä', 'x'.repeat(101), 'two\nlines', HUGE], taken: ['k-1'] },
  memory: {
    malformed: ['', ' ', '-1G', '1.5.5G', '16Q', '1e3', 'lots', '16 G', '16G\n', HUGE],
    taken: ['16G', '512M'],
  },
  time: { malformed: TIME, taken: ['2h', '90:00', '1-12:00:00'] },
  json: { malformed: ['{no', '[', 'x', HUGE], taken: ['{"a":1}'] },
  /** One that must be there. */
  file: { malformed: ['', 'nul\u0000byte', HUGE], outside: ['/nowhere/at-all', '/'] },
  /** One of which everything that is wrong is a finding. */
  planFile: { malformed: ['', 'nul\u0000byte', HUGE], taken: ['/nowhere/at-all', '/'] },
  /** A directory that must be there. */
  folder: { malformed: ['nul\u0000byte', HUGE], outside: ['/nowhere/at-all', '/etc/hostname'] },
  /** One that is made. */
  newFile: { malformed: ['', 'nul\u0000byte', HUGE], outside: ['/nowhere/at/all', '/'] },
  /** Words for people that must be there. */
  text: { malformed: ['', ' ', '\t\n', HUGE], taken: ['Ünïcödé "quoted" 😀', '$(id)'] },
  /** Words for people that may be empty. */
  words: { malformed: [HUGE], taken: ['', 'Ünïcödé "quoted" 😀', '$(id)'] },
  /** Of a filter: part of a text, whatever it is. */
  pattern: { malformed: [HUGE], taken: ['x', '', '%'] },
  /** With a form of its own. */
  code: { malformed: [HUGE, 'x'.repeat(200)] },
  nodes: { malformed: ['a[', 'a[1-', 'a[2-1]', 'a[1-99999]'] },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof KINDS;
