import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { CliSite } from '../support/cli.ts';
import { type Step, words } from '../support/golden.ts';
import { place } from '../support/policy.ts';
import { playChecks, setup } from './golden.ts';

const YEAR = ['--start', '2026-01-01', '--end', '2026-12-31'];

function token(start: string): string {
  return start.padEnd(26, '0');
}

function estimated(estimate: string): string {
  const micros = String(Math.round(Number(estimate) * 1_000_000));
  return JSON.stringify({ by: 'check', estimate: micros, unlearned: micros, profile: 'mpi' });
}

async function holds(site: CliSite): Promise<void> {
  const ledger = site.ledger();
  const run = { arrayTask: -1, submitS: 1_795_262_400, restart: 0 };
  const asked = { account: 'ml-7', partitions: ['cpu'] };
  await place(ledger, {
    ...asked,
    token: token('abc123'),
    task: '150',
    pricing: estimated('125'),
  });
  await place(ledger, { ...asked, token: token('a'), task: '100', run: { ...run, jobId: 1 } });
  await place(ledger, { ...asked, token: token('b'), task: '200', run: { ...run, jobId: 2 } });
  await place(ledger, {
    ...asked,
    token: token('f'),
    task: '30',
    pricing: estimated('25'),
    run: { ...run, jobId: 77 },
  });
  await place(ledger, { ...asked, token: token('r'), task: '5', run: { ...run, jobId: 5 } });
  const again = { jobId: 5, arrayTask: -1, submitS: run.submitS + 60, restart: 1 };
  await place(ledger, { ...asked, token: `${token('r')}.r1`, task: '6', run: again });
  await place(ledger, {
    ...asked,
    token: token('z'),
    task: '1',
    tasks: 3,
    run: { ...run, jobId: 9 },
  });
}

function file(name: string, content: unknown): Step {
  return {
    between: async (site) => {
      await Promise.resolve();
      const folder = join(site.root, 'costs-in');
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o755);
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      writeFileSync(join(folder, name), text, { mode: 0o644 });
    },
  };
}

const FLAT = {
  job_id: '77',
  account: 'ml-7',
  user_id: 'ada',
  partition: 'cpu',
  actual_cost: 23.700_000_000_000_003,
  success: true,
  cpu_efficiency: 0.65,
  burst_decision: 'AWS',
};

const STEPS: readonly Step[] = [
  setup([...words('account create --account ml-7 --name ML --budget 1000'), ...YEAR]),
  { between: holds },
  {
    name: 'r-seed-dry',
    args: words('reconcile job_12345 --transaction=txn_abc123 --actual-cost=118.50 --dry-run'),
  },
  {
    name: 'r-seed',
    args: words('reconcile job_12345 --transaction=txn_abc123 --actual-cost=118.50'),
  },
  {
    name: 'r-other-job',
    args: words('reconcile 4 --transaction txn_abc123 --actual-cost 1'),
    code: 2,
  },
  { name: 'r-over', args: words('reconcile 1 --actual-cost 130') },
  { name: 'r-over-again', args: words('reconcile slurm_1 --actual-cost=130.00') },
  { name: 'r-over-other', args: words('reconcile 1 --actual-cost 141.25'), code: 3 },
  {
    name: 'r-amend',
    args: [
      'reconcile',
      '1',
      '--actual-cost',
      '141.25',
      '--amend',
      '--metadata',
      '{"bill":"2026-11"}',
    ],
  },
  { name: 'r-release', args: words('reconcile 2 --release') },
  { name: 'r-release-again', args: words('reconcile 2 --release') },
  { name: 'r-late', args: words('reconcile 2 --actual-cost 12.50') },
  { name: 'r-remaining', args: words('remaining ml-7') },
  { name: 'r-run', args: words('reconcile 5 --run 0 --actual-cost 4') },
  { name: 'r-run-latest', args: words('reconcile 5 --actual-cost 0') },
  { name: 'r-run-none', args: words('reconcile 5 --run 7 --actual-cost 4'), code: 3 },
  { name: 'r-array', args: words('reconcile 9 --actual-cost 1'), code: 2 },
  { name: 'r-unknown', args: words('reconcile 4711 --actual-cost 1'), code: 3 },
  {
    name: 'r-unknown-txn',
    args: words('reconcile 1 --transaction txn_nosuch --actual-cost 1'),
    code: 3,
  },
  { name: 'r-bad-job', args: words('reconcile abc --actual-cost 1'), code: 2 },
  { name: 'r-bad-cost', args: words('reconcile 77 --actual-cost 1,200.50'), code: 2 },
  { name: 'r-negative', args: words('reconcile 77 --actual-cost=-5'), code: 2 },
  { name: 'r-digits', args: words('reconcile 77 --actual-cost 1.0000001'), code: 2 },
  { name: 'r-metadata', args: words('reconcile 77 --actual-cost 1 --metadata text'), code: 2 },
  { name: 'r-two-ways', args: words('reconcile 77 --actual-cost 1 --release'), code: 2 },
  file('bad.json', '{"job_id":"77","actual_cost":"12"'),
  file('other.json', { ...FLAT, job_id: '78' }),
  file('cost.json', FLAT),
  { name: 'r-file-bad', args: words('reconcile 77 --from-file <root>/costs-in/bad.json'), code: 2 },
  {
    name: 'r-file-other',
    args: words('reconcile 77 --from-file <root>/costs-in/other.json'),
    code: 2,
  },
  { name: 'r-file', args: words('reconcile 77 --from-file <root>/costs-in/cost.json') },
  { name: 'r-file-again', args: words('reconcile 77 --from-file <root>/costs-in/cost.json') },
  file('wrapped.json', { job_cost_data: { ...FLAT, actual_cost: 24, job_state: 'TIMEOUT' } }),
  { name: 'r-file-grown', args: words('reconcile 77 --from-file <root>/costs-in/wrapped.json') },
  { name: 'a-accuracy', args: words('analytics accuracy --period=30d') },
  { name: 'a-accuracy-none', args: words('analytics accuracy --partition hpc') },
  { name: 'a-accuracy-unknown', args: words('analytics accuracy --partition awz'), code: 3 },
  { name: 'a-performance', args: words('analytics performance') },
  { name: 'a-performance-none', args: words('analytics performance --profile=compute_intensive') },
  { name: 'a-bad-period', args: words('analytics accuracy --period soon'), code: 2 },
  { name: 'a-bad-account', args: words('analytics accuracy --account ml7'), code: 3 },
  { name: 'r-list', args: words('transactions list --limit 30') },
  { name: 'r-pending', args: words('transactions list --type=hold --status=pending') },
];

describe('reconcile', () => {
  playChecks(STEPS);
});
