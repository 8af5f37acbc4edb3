import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliSite, cliSite } from '../support/cli.ts';
import { hledger } from '../support/programs.ts';

// People choose names and reasons. Whatever they are, a terminal, a spreadsheet and a parser see text.

const TEXT = '=cmd|"/c calc"!A1 \u001b[31mred\u0007 \u009b2J\r\nBcc: x@y\u202e;  two\ttab\u2028';
const HARMFUL = /[^\P{Cc}\n]|[\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const GRANT = 'G-1 (a): x';
const PERIOD = ['--start', '2026-01-01', '--end', '2027-12-31'];
const CHECK = ['check', '--account', 'a', '--partition', 'aws', '--nodes', '1', '--cpus', '1'];

let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  await site.ok(
    ...['grant', 'create', '--number', GRANT, '--agency', TEXT, '--pi', TEXT, '--amount', '10000'],
    ...['--institution', TEXT, '--program', TEXT, '--co-pi', TEXT, '--department', TEXT, ...PERIOD],
    ...['--project', TEXT, '--cost-center', TEXT, '--fain', TEXT, '--reference', TEXT],
  );
  await site.ok(
    ...['grant', 'create', '--number', 'G-1 (a) x', '--agency', 'NSF', '--pi', 'Ada', ...PERIOD],
    ...['--institution', 'U', '--amount', '777'],
  );
  for (const name of ['a', 'b']) {
    await site.ok(
      ...['account', 'create', '--account', name, '--name', TEXT, '--description', TEXT, ...PERIOD],
      ...['--budget', '1000'],
    );
  }
  await site.ok('grant', 'link', GRANT, 'a', '--amount', '900');
  await site.ok(
    ...['deadline', 'add', '--account', 'a', '--type', 'CONFERENCE', '--date', '2026-12-01'],
    ...['--description', TEXT],
  );
  await site.ok(
    ...['grant', 'entry', 'add', GRANT, '--date', '2026-03-01', '--kind', 'expenditure'],
    ...['--category', TEXT, '--amount', '50', '--reference', TEXT, '--notes', TEXT],
    ...['--subaward', TEXT],
  );
  await site.ok('account', 'adjust', 'a', '--amount', '12', '--reason', TEXT);
  await site.ok('account', 'deposit', 'b', '--amount', '12', '--reason', TEXT);
  const job = ['--time', '1:00:00', '--estimated-cost', '600', '--job-id', '5', '--user', TEXT];
  await site.ok(...CHECK, ...job);
  await site.ok('reconcile', '5', '--actual-cost', '850', '--metadata', JSON.stringify({ TEXT }));
  await site.asbb('alerts', 'check');
  await site.ok('alerts', 'acknowledge', '1', '--user', TEXT, '--notes', TEXT);
});

afterAll(() => {
  site.close();
});

const SHOWN: readonly (readonly string[])[] = [
  ...[
    ['account', 'list'],
    ['account', 'show', 'a'],
    ['status', 'a'],
    ['deadline', 'list'],
  ],
  ...[
    ['alerts', 'list'],
    ['alerts', 'list', '--status', 'acknowledged'],
    ['grant', 'list'],
  ],
  ...[
    ['grant', 'show', GRANT],
    ['grant', 'periods', GRANT],
    ['grant', 'entry', 'list', GRANT],
  ],
  ...[
    ['usage', 'show', 'a', '--group-by', 'user'],
    ['usage', 'summary'],
    ['forecast', 'a'],
  ],
  ...[
    ['transactions', 'list', '--all'],
    ['transactions', 'show', 'txn_5'],
    ['burn-rate', GRANT],
  ],
  ...[['account', 'show', TEXT], ['grant', 'show', TEXT], ['transactions', 'show', TEXT], [TEXT]],
  ...['financial', 'annual', 'technical', 'compliance'].map((type) => [
    ...['grant', 'report', GRANT, '--type', type, '--include-details'],
  ]),
  ['grant', 'report', GRANT, '--format', 'agency-required'],
  ['grant', 'report', GRANT, '--explain', '10e'],
];

describe.each(SHOWN.map((words) => [words.join(' ').slice(0, 60), words] as const))(
  '%j',
  (_, words) => {
    it('moves no cursor and begins no line of its own', async () => {
      for (const more of [[], ['--json']]) {
        const { stdout, stderr } = await site.asbb(...words, ...more);
        const all = stdout + stderr;
        expect(HARMFUL.exec(all)?.[0], all).toBeUndefined();
        expect(all).not.toMatch(/^Bcc/mu);
      }
    });
  },
);

it.each(['csv', 'focus', 'jsonl', 'hledger'])(
  'an export as %s is text, line by line',
  async (format) => {
    const text = await site.ok('transactions', 'export', '--format', format);
    expect(text).toContain('calc');
    expect(HARMFUL.exec(text)?.[0]).toBeUndefined();
    expect(text).not.toMatch(/^Bcc/mu);
  },
);

/** Fields that a spreadsheet would take for formulas. */
function formulas(csv: string): readonly string[] {
  const fields = csv.match(/(?:^|,)(?:"(?:[^"]|"")*"|[^,"\n]*)/gmu) ?? [];
  return fields
    .map((field) => field.replace(/^,/u, '').replace(/^"/u, ''))
    .filter((field) => /^\s*[=+@＝＋－＠]|^\s*-(?![\d.]+"?$)/u.test(field));
}

it('no field of a table is a formula', async () => {
  const reason = ['=1+1', '+1', '-1+1|x', '@SUM(1)', ' =1', '\t=1', '\n=1', '＝1'];
  for (const each of reason) {
    await site.ok('account', 'adjust', 'a', '--amount', '0.01', '--reason', each);
  }
  for (const format of ['csv', 'focus']) {
    const csv = await site.ok('transactions', 'export', '--format', format);
    expect(formulas(csv), format).toEqual([]);
    expect(csv).toContain("'=1+1");
  }
  const report = await site.ok('grant', 'report', GRANT, '--type', 'annual', '--format', 'csv');
  expect(formulas(report)).toEqual([]);
});

it('hledger reads it, and keeps two grants apart', async () => {
  const file = join(site.root, 'books.journal');
  await site.ok('transactions', 'export', '--format', 'hledger', '--output', file);
  const accounts = new Set(readFileSync(file, 'utf8').match(/^ {4}grants:.*?(?= {2})/gmu));
  expect(accounts.size).toBeGreaterThan(3);
  expect([...accounts].filter((name) => name.endsWith(':award'))).toHaveLength(2);
  const { error, status, stderr } = hledger('-f', file, 'check');
  expect(error === undefined ? status : 0, stderr).toBe(0);
});
