import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliSite, cliSite } from '../support/cli.ts';
import { words } from '../support/golden.ts';
import { place } from '../support/policy.ts';

const SUBMIT = 1_795_262_400;
let site: CliSite;

function pricing(): string {
  return JSON.stringify({ by: 'check', estimate: '2000000', unlearned: '1000000', profile: 'mpi' });
}

/** Job n was estimated at 1 $ (2 $ with what was learned) and cost so much. */
async function job(n: number, cost: string, more: Record<string, unknown> = {}): Promise<void> {
  const token = String(n).padStart(26, 'a');
  const run = { jobId: n, arrayTask: -1, submitS: SUBMIT, restart: 0 };
  const asked = { account: 'ml-7', partitions: ['cpu'], task: '3', pricing: pricing() };
  await place(site.ledger(), { ...asked, token, run });
  await told(n, cost, more);
}

let exported = 0;

/** Each telling is another file: the same one again would be taken in once. */
async function told(n: number, cost: string, more: Record<string, unknown> = {}): Promise<void> {
  exported += 1;
  const file = join(site.root, `cost-${exported}.json`);
  const rest = { job_id: n, job_state: 'COMPLETED', export_time: exported, ...more };
  writeFileSync(file, JSON.stringify(rest).replace('{', `{"actual_cost":${cost},`));
  await site.ok('reconcile', String(n), '--from-file', file);
}

function model(account: string, profile: string): unknown {
  const rows = site.raw(
    `SELECT factor, samples FROM cost_model WHERE account='${account}' AND partition='cpu' AND profile='${profile}'`,
  );
  const [row] = rows as readonly { factor: string; samples: bigint }[];
  return row === undefined ? undefined : [Number(row.factor), Number(row.samples)];
}

async function estimate(profile: string): Promise<unknown> {
  const args = words('quick-check --account ml-7 --partition cpu --cpus 10 --time 1h');
  const done = (await site.json(...args, '--profile', profile)) as { estimated_cost: number };
  return done.estimated_cost;
}

beforeAll(async () => {
  site = await cliSite();
  await site.ok(
    ...words(
      'account create --account ml-7 --name ML --budget 1000 --start 2026-01-01 --end 2026-12-31',
    ),
  );
});
afterAll(() => site.close());

describe('what real costs teach', () => {
  it('is the example of budget.md 4.12, for all three keys', async () => {
    const first = ['0.9', '1.1', '1.0', '1.2'];
    for (const [at, cost] of first.entries()) {
      await job(at + 1, cost);
    }
    expect(await estimate('mpi')).toBe(1);
    expect(model('*', '*')).toEqual([1.05, 4]);
    await job(5, '0.8');
    expect(model('ml-7', 'mpi')).toEqual([1, 5]);
    await job(6, '1.5');
    expect(model('ml-7', 'mpi')).toEqual([1.1, 6]);
    expect(await estimate('mpi')).toBe(1.1);
    await job(7, '1.0');
    for (const [account, profile] of [
      ['ml-7', 'mpi'],
      ['*', 'mpi'],
      ['*', '*'],
    ] as const) {
      expect(model(account, profile)).toEqual([1.08, 7]);
    }
    expect(await estimate('mpi')).toBe(1.08);
    expect(await estimate('other')).toBe(1.08);
  });

  it('takes an amended cost in the place of the first', async () => {
    await told(6, '1.0');
    // 1.0 of five, then 1.0 and 1.0
    expect(model('ml-7', 'mpi')).toEqual([1, 7]);
    await told(6, '1.5');
    expect(model('ml-7', 'mpi')).toEqual([1.08, 7]);
  });

  it('leaves a job out that turns out to have cost nothing, or failed', async () => {
    await told(7, '0');
    expect(model('*', '*')).toEqual([1.1, 6]);
    await told(7, '1');
    expect(model('*', '*')).toEqual([1.08, 7]);
    await job(8, '9', { job_state: 'FAILED' });
    await job(9, '9', { job_state: 'TIMEOUT' });
    expect(model('*', '*')).toEqual([1.08, 7]);
  });

  it('bounds what one job can teach', async () => {
    await job(10, '500');
    expect(model('*', '*')).toEqual([1.08 + 0.2 * (10 - 1.08), 8]);
  });

  it('writes one reconciliation each time, and the books verify', async () => {
    const [count] = site.raw('SELECT COUNT(*) n FROM reconciliation') as readonly { n: bigint }[];
    expect(Number(count?.n)).toBe(14);
    expect((await site.asbb('ledger', 'verify')).code).toBe(0);
  });
});
