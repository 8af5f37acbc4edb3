import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GrantReport } from '../../schema/output/grant-report.ts';
import { type GrantSite, NUMBER, workedExample } from './grant-site.ts';

const GOLDEN = resolve('test/golden/reports');
const TYPES = [
  ...['financial', 'technical', 'compliance', 'annual', 'burn-down'],
  ...['by-period', 'by-user', 'by-partition', 'rate-recovery'],
];
const CENT = 0.01;

let site: GrantSite;

beforeAll(async () => {
  site = await workedExample();
});
afterAll(() => site?.close());

const Explained = z.looseObject({
  sf425: z.record(z.string(), z.number()),
  indirect: z.array(z.looseObject({ base: z.number(), amount: z.number() })),
  explain: z.array(
    z.looseObject({ line: z.string(), id: z.string(), source: z.string(), amount: z.number() }),
  ),
});

async function report(...args: readonly string[]): Promise<string> {
  return await site.ok('grant', 'report', NUMBER, ...args);
}

describe('the worked example (budget.md 8.9)', () => {
  it('has exactly these lines', async () => {
    const { sf425, indirect } = Explained.omit({ explain: true }).parse(
      await site.json('grant', 'report', NUMBER, '--end', '2025-12-31'),
    );
    expect(Object.values(sf425)).toEqual([
      ...[280_000, 290_000, -10_000, 750_000, 290_000, 5200, 295_200, 454_800],
      ...[100_000, 35_000, 65_000, 1000, 0, 600, 400],
    ]);
    expect(indirect[0]).toEqual({
      ...{
        type: 'predetermined',
        rate: 0.3,
        base_kind: 'MTDC',
        from: '2025-01-01',
        to: '2025-12-31',
      },
      ...{ base: 200_000, amount: 60_000, federal_share: 60_000 },
    });
  });

  it('is the default range in February: the last budget period is over', async () => {
    expect(await report()).toBe(
      await report('--end', '2025-12-31', '--as-of', '2026-02-15T12:00:00Z'),
    );
  });

  it.each(TYPES)('%s as a table and as JSON', async (type) => {
    const text = await report('--type', type, '--include-details');
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `${type}.txt`));
    expect(
      text.split('\n').filter((line) => [...line].length > 80 && !line.startsWith('  - ')),
    ).toEqual([]);
    const json = await report('--type', type, '--include-details', '--json');
    expect(GrantReport.safeParse(JSON.parse(json)).error).toBeUndefined();
    await expect(json).toMatchFileSnapshot(join(GOLDEN, `${type}.json`));
  });

  it.each(['csv', 'agency-required'])('financial as %s', async (format) => {
    await expect(await report('--format', format)).toMatchFileSnapshot(
      join(GOLDEN, `financial.${format}.txt`),
    );
  });

  it('--format json is --json', async () => {
    expect(await report('--format', 'json')).toBe(await report('--json'));
  });

  it('takes the number as a flag', async () => {
    expect(await site.ok('grant', 'report', '--number', NUMBER)).toBe(await report());
  });
});

describe('a footer', () => {
  it('has the SHA-256 of the JSON without it', async () => {
    const { footer, ...body } = JSON.parse(await report('--json')) as {
      footer: { sha256: string };
    };
    const text = `${JSON.stringify(body, undefined, 2)}\n`;
    expect(footer.sha256).toBe(createHash('sha256').update(text).digest('hex'));
    for (const format of ['table', 'csv', 'agency-required', 'pdf']) {
      expect(await report('--format', format)).toContain(footer.sha256);
    }
  });
});

describe('--explain', () => {
  it('lists entries that add up to each line', async () => {
    const { sf425, indirect, explain } = Explained.parse(
      JSON.parse(await report('--explain', '--json')),
    );
    const byLine = Map.groupBy(explain, ({ line }) => line);
    const sums = new Map(
      [...byLine].map(([line, rows]) => [
        line,
        rows.reduce((total, { amount }) => total + amount, 0),
      ]),
    );
    for (const [line, amount] of Object.entries(sf425)) {
      expect(Math.abs((sums.get(line) ?? 0) - amount), line).toBeLessThan(CENT / 2 + 1e-6);
    }
    for (const [at, { base, amount }] of indirect.slice(0, -1).entries()) {
      expect(sums.get(`11.${at + 1} base`)).toBeCloseTo(base, 2);
      expect(sums.get(`11.${at + 1} charged`)).toBeCloseTo(amount, 2);
    }
  });

  it('names transactions that the journal has', async () => {
    const { explain } = Explained.parse(JSON.parse(await report('--explain', '--json')));
    const ids = explain.filter(({ source }) => source === 'transaction').map(({ id }) => id);
    const known = new Set(
      (
        site.raw('SELECT txn_seq s FROM journal WHERE txn_seq IS NOT NULL') as readonly {
          s: bigint;
        }[]
      ).map(({ s }) => `txn_${s}`),
    );
    expect(ids.length).toBeGreaterThan(4);
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
  });
});

describe('PDF', () => {
  /** The texts that it draws, in order. */
  function drawn(bytes: Buffer): string {
    const texts = [...bytes.toString('latin1').matchAll(/\((.*)\) Tj/gu)].map(
      ([, text = '']) => text,
    );
    return `${texts.join('\n')}\n`;
  }

  it('says the same, in equal bytes each time', async () => {
    const [first, second] = ['a', 'b'].map((name) => join(site.root, `${name}.pdf`));
    for (const file of [first, second]) {
      await site.ok(
        'grant',
        'report',
        NUMBER,
        '--format',
        'pdf',
        '--output',
        file ?? '',
        '--type',
        'annual',
      );
    }
    const bytes = readFileSync(first ?? '');
    expect(bytes.equals(readFileSync(second ?? ''))).toBe(true);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    await expect(drawn(bytes)).toMatchFileSnapshot(join(GOLDEN, 'annual.pdf.txt'));
  });
});

describe('--as-of', () => {
  it('yields the same bytes after more was booked', async () => {
    const asOf = ['--as-of', '2026-02-15T12:00:00Z', '--include-details', '--explain'];
    const before = await report(...asOf, '--json');
    const other = await workedExample();
    try {
      function again(...args: readonly string[]) {
        return other.ok('grant', 'report', NUMBER, ...args);
      }
      expect(await again(...asOf, '--json')).toBe(before);
      const { tryCharge } = await import('../support/policy.ts');
      other.goTo('2026-03-01');
      // The pending hold ends, a charge of 2025 is corrected, money is entered for 2025.
      await tryCharge(other.ledger(), 'd'.repeat(26), '3500');
      await tryCharge(other.ledger(), 'a'.repeat(26), '40000', { amend: true });
      await other.ok(
        ...['grant', 'entry', 'add', NUMBER, '--date', '2025-12-01', '--kind', 'cash_receipt'],
        ...['--category', 'drawdown', '--amount', '5', '--reference', 'late receipt'],
      );
      expect(await again(...asOf, '--json')).toBe(before);
      const now = Explained.omit({ explain: true }).parse(JSON.parse(await again('--json')));
      // 40,000 instead of 50,000.005, with F&A; the hold's charge is of 2026 and was owed in 2025.
      expect(now.sf425).toMatchObject({ '10a': 280_005, '10e': 277_000, '10f': 5200 });
    } finally {
      other.close();
    }
  });
});

describe('--mark-submitted', () => {
  it('marks nothing before the report is written, and writes nothing that cannot be marked', async () => {
    const file = join(mkdtempSync('/tmp/asbb-report-'), 'report.json');
    function submit(day: string, output: string) {
      const mark = ['--mark-submitted', day, '--output', output, '--format', 'json'];
      return site.asbb('grant', 'report', NUMBER, ...mark);
    }
    expect((await submit('2026-02-14', '/nowhere/x')).code).toBe(1);
    expect(site.raw('SELECT * FROM award_report')).toEqual([]);
    expect((await submit('2025-12-31', file)).code).toBe(2);
    expect(existsSync(file)).toBe(false);
    rmSync(dirname(file), { recursive: true });
  });

  it('keeps when a report was handed in, and compliance sees it', async () => {
    const wrong = await site.asbb(
      'grant',
      'report',
      NUMBER,
      '--end',
      '2025-11-30',
      '--mark-submitted',
      '2026-02-01',
    );
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('reporting periods end 2025-12-31, 2026-12-31, 2027-12-31'),
    ]);
    const early = await site.asbb('grant', 'report', NUMBER, '--mark-submitted', '2025-12-31');
    expect(early.code).toBe(2);
    const done = await site.asbb('grant', 'report', NUMBER, '--mark-submitted', '2026-02-14');
    expect([done.code, done.stderr]).toEqual([
      0,
      'Note: the annual report to 2025-12-31 was submitted 2026-02-14\n',
    ]);
    const { reports } = GrantReport.parse(
      JSON.parse(await report('--type', 'compliance', '--json')),
    );
    expect(reports?.[0]).toMatchObject({
      kind: 'annual',
      due: '2026-03-31',
      submitted: '2026-02-14',
    });
    await site.ok('ledger', 'verify');
  });
});

describe('refusals', () => {
  it.each([
    [['NSF-2025-0098'], 3, 'did you mean NSF-2025-0089?'],
    [[NUMBER, '--period', '4'], 2, 'periods 1 to 3'],
    [[NUMBER, '--end', '2025-02-30'], 2, 'not a date'],
    [[NUMBER, '--type', 'yearly'], 2, 'yearly'],
    [[NUMBER, '--format', 'agency-required', '--type', 'by-user'], 2, 'lines of an SF-425'],
    [[NUMBER, '--as-of', '2024-12-31'], 2, 'was entered after'],
    [[NUMBER, '--output', '/nowhere/x'], 1, 'not written'],
    [[], 2, 'number'],
  ])('%j', async (args, code, text) => {
    const done = await site.asbb('grant', 'report', ...args);
    expect([done.code, done.stderr]).toEqual([code, expect.stringContaining(text)]);
  });
});
