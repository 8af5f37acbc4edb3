import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorBody } from '../../schema/output/common.ts';
import { type CliSite, cliSite } from '../support/cli.ts';
import { outputOf, steady, told, words } from '../support/golden.ts';
import { place } from '../support/policy.ts';
import { spend, spendDaily } from './spend.ts';

const YEAR = ['--start', '2026-01-01', '--end', '2026-12-31'];

let site: CliSite;

/** The seed's account, the worked example of budget.md 4.6 a year later, one with a child, quiet ones. */
beforeAll(async () => {
  site = await cliSite();
  async function create(line: string): Promise<void> {
    await site.ok(...words(`account create ${line}`), ...YEAR);
  }
  await create('--account ml-research-001 --name Seed --budget 45625');
  await create('--account worked --name Worked --budget 36500');
  await create('--account physics --name Physics --budget 1000');
  await create('--account physics-a --name Part --budget 500 --parent physics');
  await create('--account quiet --name Quiet --budget 365');
  await create(
    '--account stepped --name Stepped --incremental --total-budget 1200 --allocation-amount 100 --allocation-frequency monthly',
  );
  await site.ok(
    ...words('grant create --number NSF-2026-12345 --agency NSF --institution U --amount 750000'),
    ...words('--pi Smith --start 2026-01-01 --end 2028-12-31 --periods=12 --indirect=0.30'),
  );
  await create('--account nsf --name Funded --budget 1000');
  await site.ok(...words('grant link NSF-2026-12345 nsf --amount 20000'));
  const ledger = site.ledger();
  const seed = { account: 'ml-research-001', day: 20_260_101 };
  await spendDaily(ledger, { ...seed, dollars: '176' }, 29);
  await spend(ledger, { ...seed, dollars: '11.85', day: 20_260_129 });
  await spendDaily(ledger, { ...seed, dollars: '156.43', day: 20_260_130 }, 30);
  await spendDaily(ledger, { account: 'worked', day: 20_260_101, dollars: '105' }, 70);
  await spendDaily(ledger, { account: 'worked', day: 20_260_312, dollars: '155' }, 30);
  const gpu = { account: 'physics', partition: 'gpu', user: 'bob' };
  await spend(ledger, { ...gpu, day: 20_261_110, dollars: '7.25' });
  await spend(ledger, { ...gpu, day: 20_261_116, dollars: '12.333333' });
  await spend(ledger, { account: 'physics', day: 20_261_116, dollars: '1' });
  await spend(ledger, { account: 'physics', day: 20_261_120, dollars: '3.5' });
  await spendDaily(ledger, { account: 'nsf', day: 20_261_101, dollars: '100' }, 20);
  await spend(ledger, { account: 'physics-a', day: 20_261_119, dollars: '40' });
  await place(ledger, { account: 'physics', task: '20', partitions: ['gpu'] });
});
afterAll(() => site.close());

const CALLS: readonly (readonly [name: string, line: string, code?: number])[] = [
  ['burn-rate-seed', 'burn-rate ml-research-001 --period=30d --as-of 2026-03-01'],
  ['burn-rate-6m', 'burn-rate ml-research-001 --period=6m --projection'],
  ['burn-rate-worked', 'burn-rate worked --projection --as-of 2026-04-11'],
  ['burn-rate-7d', 'burn-rate worked --period 7d --as-of 2026-03-15T12:00:00Z'],
  ['burn-rate-2w', 'burn-rate physics --period 2w --projection'],
  ['burn-rate-tree', 'burn-rate physics --period 2w --tree'],
  ['burn-rate-young', 'burn-rate worked --period 1y --projection --as-of 2026-01-05'],
  ['burn-rate-first-day', 'burn-rate worked --as-of 2026-01-01'],
  ['burn-rate-quiet', 'burn-rate quiet --projection'],
  ['burn-rate-stepped', 'burn-rate stepped --projection'],
  ['burn-rate-alerts', 'burn-rate physics --alerts-only'],
  ['burn-rate-forced', 'burn-rate --account physics --period 1w'],
  ['burn-rate-not-a-grant', 'burn-rate physics --grant', 3],
  ['burn-rate-unknown', 'burn-rate phisics', 3],
  ['burn-rate-bad-period', 'burn-rate physics --period 30', 2],
  ['burn-rate-bad-date', 'burn-rate physics --as-of 2026-02-30', 2],
  ['burn-rate-grant', 'burn-rate NSF-2026-12345 --period=90d --projection'],
  ['burn-rate-grant-account', 'burn-rate nsf --period=4w'],
  ['burn-rate-grant-alerts', 'burn-rate NSF-2026-12345 --alerts-only'],
  ['burn-rate-grant-meant', 'burn-rate NSF-2026-12354', 3],
  ['forecast-grant', 'forecast NSF-2026-12345'],
  ['forecast', 'forecast worked --as-of 2026-04-11'],
  ['forecast-90d', 'forecast worked --period 90d --as-of 2026-04-11'],
  ['forecast-young', 'forecast worked --as-of 2026-01-05'],
  ['forecast-unknown', 'forecast nobody', 3],
  ['usage-show', 'usage show physics'],
  ['usage-show-user', 'usage show physics --group-by user'],
  ['usage-show-partition', 'usage show physics --group-by partition'],
  ['usage-show-week', 'usage show physics --group-by week'],
  ['usage-show-span', 'usage show physics --start 2026-11-16 --end 2026-11-16 --group-by day'],
  ['usage-show-gpu', 'usage show physics --partition gpu --group-by day'],
  ['usage-show-none', 'usage show quiet'],
  ['usage-show-backwards', 'usage show physics --start 2026-02-01 --end 2026-01-01', 2],
  ['usage-summary', 'usage summary'],
  ['usage-summary-november', 'usage summary --start 2026-11-01 --group-by user'],
  ['usage-summary-bad', 'usage summary --start 01/02/2026', 2],
];

describe('what the commands print', () => {
  it.each(CALLS.map(([name, line, code = 0]) => ({ name, line, code })))(
    '$name',
    async ({ name, line, code }) => {
      const text = await site.asbb(...words(line));
      expect(text.code).toBe(code);
      await expect(told(words(line), text)).toMatchFileSnapshot(
        resolve(`test/golden/burn/${name}.txt`),
      );
      expect(text.stdout.split('\n').filter((row) => [...row].length > 100)).toEqual([]);
      const json = await site.asbb(...words(line), '--json');
      const output = code === 0 ? await outputOf(words(line)) : ErrorBody;
      expect(output?.safeParse(JSON.parse(json.stdout)).error).toBeUndefined();
      await expect(steady(json.stdout)).toMatchFileSnapshot(
        resolve(`test/golden/burn/${name}.json`),
      );
    },
  );

  it('leaves books that verify', async () => {
    expect(await site.ok('ledger', 'verify')).not.toContain('FAILED');
  });
});

describe("the seed's words", () => {
  it('stand as its README has them', async () => {
    const text = await site.ok(
      ...words('burn-rate ml-research-001 --period=30d --as-of 2026-03-01'),
    );
    expect(text).toContain('\nDaily Rate: $156.43 (Expected: $125.00)\n');
    expect(text).toContain('\nVariance: +25.1% (OVERSPENDING)\n');
    expect(text).toContain('\nHealth Score: 67% (CONCERN)\n');
  });

  it('of the worked example stand as budget.md 4.6 has them', async () => {
    const text = await site.ok(...words('burn-rate worked --projection --as-of 2026-04-11'));
    for (const line of [
      'Daily Spend Rate: $155.00 (Expected: $100.00)',
      'Variance: +55.0% (overspending)',
      'Budget Health: 80.0% (HEALTHY)',
      'Remaining: $24500.00 (67.1% of total)',
      'Time Remaining: 264 days',
      'Projected Final Spend: $53075.00',
      'Projected Overrun: $16575.00',
      'Projected Depletion: 2026-09-16',
      'Risk Level: CRITICAL (95% confidence)',
    ]) {
      expect(text).toContain(`  ${line}\n`);
    }
  });
});

interface Told {
  readonly summary: { readonly total_spent: number; readonly total_jobs: number };
  readonly breakdown: readonly { readonly amount: number; readonly job_count: number }[];
}

describe('breakdowns', () => {
  it.each(['day', 'week', 'month', 'partition', 'user'])(
    'by %s add up to the whole',
    async (group) => {
      for (const line of [
        `usage show physics --group-by ${group}`,
        `usage summary --group-by ${group}`,
      ]) {
        const { summary, breakdown } = (await site.json(...words(line))) as Told;
        const micros = breakdown.map(({ amount }) => Math.round(amount * 1e6));
        expect(micros.reduce((a, b) => a + b, 0)).toBe(Math.round(summary.total_spent * 1e6));
        expect(breakdown.reduce((a, b) => a + b.job_count, 0)).toBe(summary.total_jobs);
      }
    },
  );
});

interface Rates {
  readonly current_metrics: Readonly<Record<string, number | string>>;
}

describe('a no-cost extension', () => {
  it('measures the grant by what was left from its day on', async () => {
    const extend = 'grant extend NSF-2026-12345 --end 2029-06-30 --reference NCE-1';
    await site.ok(...words(extend));
    const { current_metrics } = (await site.json(...words('burn-rate NSF-2026-12345'))) as Rates;
    // 20 days of 100 and 30 % F&A; 953 days from 2026-11-21 to 2029-06-30.
    expect(current_metrics).toMatchObject({
      daily_expected_rate: 784.26,
      cumulative_expected: 2600,
      budget_health_score: 100,
      time_remaining_days: 952,
    });
    const before = await site.ok(...words('burn-rate NSF-2026-12345 --as-of 2026-11-20'));
    expect(before).toContain('(Expected: $684.31)');
  });
});
