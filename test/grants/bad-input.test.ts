import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorBody } from '../../schema/output/common.ts';
import { type CliSite, cliSite } from '../support/cli.ts';

// Every flag of the grant commands with what must not be taken; a refusal changes nothing but the journal.

const GRANT: Readonly<Record<string, string>> = {
  number: 'G-2',
  agency: 'Agency',
  pi: 'Dr. P',
  institution: 'University',
  amount: '1000',
  start: '2026-01-01',
  end: '2027-12-31',
};

let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  await site.ok(...create({ number: 'G-1' }));
  await site.ok(...create({ number: 'OVER-1', start: '2024-01-01', end: '2024-12-31' }));
  const years = ['--start', '2026-01-01', '--end', '2027-12-31'];
  await site.ok(...words('account create --account ml-7 --name ML --budget 100'), ...years);
});
afterAll(() => site.close());

function words(text: string): readonly string[] {
  return text.split(' ');
}

function create(over: Readonly<Record<string, string>>): readonly string[] {
  const flags = Object.entries({ ...GRANT, ...over });
  return ['grant', 'create', ...flags.map(([name, value]) => `--${name}=${value}`)];
}

function fingerprint(): string {
  const tables = [
    ...['account', 'budget', 'award', 'award_change', 'fa_rate', 'fa', 'entry', 'award_report'],
    ...['txn', 'posting', 'balance', 'day_spend', 'idem', 'schedule'],
  ];
  const hash = createHash('sha256');
  for (const table of tables) {
    for (const row of site.raw(`SELECT * FROM ${table} ORDER BY 1, 2`)) {
      hash.update(
        JSON.stringify([table, row], (_, value) =>
          typeof value === 'bigint' || value instanceof Uint8Array ? String(value) : value,
        ),
      );
    }
  }
  return hash.digest('hex');
}

interface Case {
  readonly args: readonly string[];
  readonly exit: number;
  readonly field?: string;
  readonly code?: string;
}

function bad(args: string | readonly string[], field: string): Case {
  return { args: typeof args === 'string' ? words(args) : args, exit: 2, field };
}

function refusal(args: string, code: string, exit = 3): Case {
  return { args: words(args), exit, code };
}

const AMOUNTS = [
  '1,200.50',
  '1e3',
  '-5',
  '1.1234567',
  '$100',
  '',
  '0',
  '12345678901234',
  'NaN',
  '٣',
];
const DATES = ['2026-02-30', '01/02/2026', '2026-1-1', 'tomorrow', '2026-01-01T10:00', ''];
const RATES = ['30', '1.01', '-0.1', '0.30000', '30%', '.3', '0,3', '1e-1', ''];
const MONTHS = ['0', '61', '-1', '1.5', 'twelve', '99999'];

const CASES: readonly Case[] = [
  ...AMOUNTS.map((amount) => bad(create({ amount }), 'total_award_amount')),
  ...DATES.map((start) => bad(create({ start }), 'grant_start_date')),
  ...DATES.map((end) => bad(create({ end }), 'grant_end_date')),
  bad(create({ end: '2025-12-31' }), 'grant_end_date'),
  ...RATES.map((indirect) => bad(create({ indirect }), 'indirect_cost_rate')),
  ...MONTHS.map((periods) => bad(create({ periods }), 'budget_period_months')),
  bad(create({ number: '' }), 'grant_number'),
  bad(create({ number: 'x'.repeat(129) }), 'grant_number'),
  bad(create({ number: '-rf' }), 'grant_number'),
  bad(create({ agency: ' ' }), 'funding_agency'),
  bad(create({ agency: 'x'.repeat(256) }), 'funding_agency'),
  bad(create({ pi: '' }), 'principal_investigator'),
  bad(create({ institution: '' }), 'institution'),
  bad(create({ authorized: '1000.01' }), 'authorized_amount'),
  bad(create({ direct: '1001' }), 'direct_costs'),
  bad(create({ base: 'MDTC' }), 'base'),
  bad(create({ 'rate-type': 'guessed' }), 'rate-type'),
  bad(create({ carryover: 'always' }), 'carryover_policy'),
  bad(create({ 'report-frequency': 'weekly' }), 'report_frequency'),
  bad(create({ accounting: 'barter' }), 'basis_of_accounting'),
  bad(create({ 'cost-share': '-1' }), 'cost_share_required'),
  bad(create({ 'mtdc-cap': '1e5' }), 'subaward_mtdc_cap'),
  bad(create({ aln: '47.07' }), 'assistance_listing_number'),
  bad(create({ compliance: '{no' }), 'compliance_requirements'),
  bad(create({ project: 'x'.repeat(65) }), 'internal_project_code'),
  { args: create({ number: 'G-1' }), exit: 3, code: 'DUPLICATE' },

  bad('grant list --as-of 2026-13-01', 'as_of'),
  { args: words('grant list --status open'), exit: 2 },
  { args: words('grant list --format json'), exit: 2 },
  { args: words('grant list --limit 0'), exit: 2 },
  refusal('grant show G-9', 'NOT_FOUND'),
  bad('grant show G-1 --as-of never', 'as_of'),
  refusal('grant periods G-9', 'NOT_FOUND'),

  bad('grant update G-1', 'grant'),
  bad('grant update G-1 --status completed', 'status'),
  bad('grant update G-1 --periods 0', 'budget_period_months'),
  refusal('grant update G-9 --pi X', 'NOT_FOUND'),

  bad('grant extend G-1 --end 2027-02-29 --reference R', 'end'),
  bad('grant extend G-1 --end 2027-12-31 --reference R', 'end'),
  bad(['grant', 'extend', 'G-1', '--end', '2028-12-31', '--reference', ' '], 'reference'),
  bad('grant extend G-1 --end 2028-12-31 --reference R --effective soon', 'effective_date'),
  refusal('grant extend G-9 --end 2028-12-31 --reference R', 'NOT_FOUND'),

  ...['1e3', '-5', '0', '1.1234567'].map((amount) =>
    bad(`grant supplement G-1 --amount=${amount} --reference R`, 'amount'),
  ),
  bad('grant supplement G-1 --amount 1 --instalment --reference R', 'amount'),
  refusal('grant supplement G-9 --amount 1 --reference R', 'NOT_FOUND'),
  bad('grant deobligate G-1 --amount 1000.01 --reference R', 'amount'),
  bad('grant deobligate G-1 --amount=-1 --reference R', 'amount'),

  ...['30', '1.0001', '0.00001'].map((rate) =>
    bad(`grant rate G-1 --rate=${rate} --reference R`, 'rate'),
  ),
  bad('grant rate G-1 --rate 0.3 --base all --reference R', 'base'),
  bad('grant rate G-1 --rate 0.3 --type guess --reference R', 'type'),
  bad('grant rate G-1 --rate 0.3 --from 2026-06-31 --reference R', 'from'),
  bad('grant rate G-1 --rate 0.3 --from 2026-06-30 --to 2026-01-01 --reference R', 'to'),
  bad('grant rate G-1 --rate 0.3 --to 2028-01-01 --reference R', 'to'),

  bad('grant link G-1 ml-7 --amount=-1', 'amount'),
  { args: words('grant link G-1 ml-7 --basis both'), exit: 2 },
  { args: words('grant link G-1 ml-7 --order 0'), exit: 2 },
  refusal('grant link G-9 ml-7', 'NOT_FOUND'),
  refusal('grant link G-1 ml-8', 'NOT_FOUND'),
  refusal('grant link OVER-1 ml-7', 'POLICY'),
  refusal('grant link G-1 ml-7 --amount 1000.01', 'INSUFFICIENT_BUDGET', 10),
  refusal('grant unlink G-1 ml-7', 'NOT_FOUND'),
  refusal('grant close G-9', 'NOT_FOUND'),

  bad('grant carryover approve G-1 --period 3 --amount 1 --reference R', 'period'),
  bad('grant carryover approve G-1 --period 1 --amount 1e3 --reference R', 'amount'),
  { args: words('grant carryover approve G-1 --period 0 --amount 1 --reference R'), exit: 2 },
  refusal('grant carryover approve G-1 --period 1 --amount 1 --reference R', 'POLICY'),

  bad('grant entry add G-1 --date 2026-02-30 --category c --amount 1 --reference R', 'date'),
  bad('grant entry add G-1 --date 2027-01-01 --category c --amount 1 --reference R', 'date'),
  bad('grant entry add G-1 --date 2026-02-01 --category c --amount 0 --reference R', 'amount'),
  bad('grant entry add G-1 --date 2026-02-01 --category c --amount 1e2 --reference R', 'amount'),
  bad(
    'grant entry add G-1 --date 2026-02-01 --category c --amount 1 --kind x --reference R',
    'kind',
  ),
  bad(
    'grant entry add G-1 --date 2026-02-01 --category c --amount 1 --share x --reference R',
    'share',
  ),
  bad(
    'grant entry add G-1 --date 2026-02-01 --category subaward --amount 1 --reference R',
    'subaward',
  ),
  refusal(
    'grant entry add G-9 --date 2026-02-01 --category c --amount 1 --reference R',
    'NOT_FOUND',
  ),
  refusal(
    'grant entry add OVER-1 --date 2024-02-01 --category c --amount 1 --reference R',
    'POLICY',
  ),
  bad('grant entry import G-1 --csv /nowhere/at-all.csv', 'csv'),
  bad('grant entry import G-1 --csv test/grants/bad-input.test.ts', 'csv'),
  refusal('grant entry import G-9 --csv test/grants/entries.csv', 'NOT_FOUND'),
  refusal('grant entry list G-9', 'NOT_FOUND'),

  bad(
    'account create --account a --name A --basis total --budget 1 --start 2026-01-01 --end 2026-12-31',
    'basis',
  ),
  bad(
    'account create --account a --name A --grant G-1 --grant G-1 --start 2026-01-01 --end 2026-12-31',
    'grant',
  ),
  ...['1.5', '80%', '-1', '0.12345'].map((share) =>
    bad(`account update ml-7 --federal-share=${share}`, 'federal_share'),
  ),
  refusal('account list --grant G-9', 'NOT_FOUND'),
];

describe('the grant commands refuse', () => {
  it.each(CASES.map((each) => [each.args.join(' ').slice(0, 150), each] as const))(
    '%s',
    async (_, { args, exit, field, code }) => {
      const before = fingerprint();
      const done = await site.asbb(...args, '--json');
      const body = ErrorBody.parse(JSON.parse(done.stdout));
      expect([done.code, body.error.code]).toEqual([exit, code ?? 'VALIDATION_ERROR']);
      expect(body.error.field).toBe(field);
      expect(done.stderr).not.toContain('    at ');
      expect(fingerprint()).toBe(before);
    },
  );

  it('suggest the number that was meant', async () => {
    const { stderr, code } = await site.asbb('grant', 'show', 'OVR-1');
    expect([code, stderr]).toEqual([
      3,
      "Error: NOT_FOUND: Grant 'OVR-1' not found (did you mean OVER-1?)\n",
    ]);
  });

  it('leave books that verify', async () => {
    expect((await site.asbb('ledger', 'verify')).code).toBe(0);
  });
});
