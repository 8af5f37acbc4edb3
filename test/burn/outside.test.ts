import { afterAll, beforeAll, expect, it } from 'vitest';
import { BurnRate } from '../../schema/output/burn.ts';
import { type CliSite, cliSite } from '../support/cli.ts';
import { words } from '../support/golden.ts';
import { spendDaily } from './spend.ts';

// Most of a grant is payroll, entered beside SLURM. Its rates are those of its budgets (budget.md 4.6), and
// whoever reads them is told; --all-costs counts the rest.

const GRANT = 'DOE-7';
let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  await site.ok(
    ...words(`grant create --number ${GRANT} --agency DOE --institution U --pi Ob --amount 73000`),
    ...words('--start 2026-01-01 --end 2027-12-31 --indirect=0.30'),
  );
  await site.ok(
    ...words(`account create --account lab --name Lab --budget 5000 --grant ${GRANT}`),
    ...words('--start 2026-01-01 --end 2027-12-31'),
  );
  await site.ok(
    ...words(`grant entry add ${GRANT} --date 2026-02-10 --category salaries --amount 20000`),
    ...words('--reference PAY-02'),
  );
  await spendDaily(site.ledger(), { account: 'lab', day: 20_260_201, dollars: '10' }, 20);
});
afterAll(() => site.close());

async function burn(...more: readonly string[]) {
  const { current_metrics: now, outside_slurm: outside } = BurnRate.parse(
    await site.json('burn-rate', GRANT, ...more),
  );
  return { spent: now.cumulative_spend, remaining: now.budget_remaining_amount, outside };
}

it('says what the rates of a grant leave out, and counts it on request', async () => {
  const jobs = 200 * 1.3;
  const all = jobs + 20_000 * 1.3;
  expect(await burn()).toEqual({ spent: jobs, remaining: 73_000 - all, outside: 26_000 });
  expect(await burn('--all-costs')).toEqual({ spent: all, remaining: 73_000 - all, outside: 0 });
  const told = 'Outside SLURM: $26000.00, in Remaining, not in the rates (burn-rate --all-costs)';
  expect(await site.ok('burn-rate', GRANT)).toContain(told);
  expect((await site.ok('grant', 'show', GRANT)).replaceAll(/ +/gu, ' ')).toContain(told);
  expect(await site.ok('burn-rate', GRANT, '--all-costs')).not.toContain('Outside SLURM');
});

it('takes them off what remained on a past day, from their own day on', async () => {
  const early = await burn('--as-of', '2026-02-10');
  expect(early).toEqual({ spent: 9 * 13, remaining: 73_000 - 9 * 13, outside: 0 });
  const later = await burn('--as-of', '2026-02-11');
  expect(later).toEqual({ spent: 130, remaining: 73_000 - 26_130, outside: 26_000 });
});

it('knows no such costs of an account', async () => {
  const { code, stderr } = await site.asbb('burn-rate', 'lab', '--all-costs');
  expect([code, stderr]).toEqual([2, expect.stringContaining('lab is an account')]);
});
