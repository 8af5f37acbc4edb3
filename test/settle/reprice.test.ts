import { describe, expect, it } from 'vitest';
import { toMicrosText } from '../../src/core/money/money.ts';
import { repriceLive } from '../../src/flows/steps/settle/reprice.ts';
import type { SiteOptions } from '../burst/support/site.ts';
import { holdFor } from '../burst/support/site.ts';
import type { ModelJob } from '../burst/support/slurm-model.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

const PRICING = { v: 1, nodes: 1, limit_s: 3600, overhead_s: 0, factor: '1' };

/** A job whose hold says how it was priced, as submit writes it: `rate` is 1e-10 dollar an hour. */
async function pricedJob(
  site: SettleSite,
  of: { readonly amount: string; readonly rate: string },
): Promise<ModelJob> {
  const token = await holdFor(site, { amount: of.amount });
  const pricing = JSON.stringify({ ...PRICING, rate_e10: of.rate });
  await site.books.ledger.decide(
    { scope: 'hpc1', verb: 'test', args: {} },
    { holds: { tokens: [token] } },
    (view) => ({
      changes: view.holds.map((row) => ({ change: 'putHold' as const, row: { ...row, pricing } })),
      answer: 1,
    }),
  );
  return site.slurm.submit({
    account: 'chem',
    partition: 'aws',
    adminComment: `asbb:hold=${token}`,
  });
}

async function heldFor(site: SettleSite, { jobId }: ModelJob): Promise<readonly string[]> {
  const { holds } = await site.books.ledger.read({ holds: { jobIds: [jobId] } });
  return holds.map(({ amount }) => toMicrosText(amount));
}

async function repriced(site: SettleSite): Promise<number> {
  return await repriceLive(site.all, await site.all.slurm.queue());
}

async function started(
  node: string,
  of: { readonly amount: string; readonly rate: string },
  options: SiteOptions = {},
): Promise<{ readonly site: SettleSite; readonly job: ModelJob }> {
  const site = await startSettleSite(options);
  const job = await pricedJob(site, of);
  if (node.includes('spot')) {
    await site.fake.capacity({ type: 'c5.xlarge', market: 'spot', set: 0 });
  }
  await site.allocate(job, [node]);
  await site.forward(60);
  site.accounted.register([node]);
  return { site, job };
}

describe('7.8: maintain compares each running job with its hold', () => {
  it('a time limit that grew past the hook raises it, one that shrank gives back; twice is once', async () => {
    const { site, job } = await started('aws-cpu-001', { amount: '0.17', rate: '1700000000' });
    job.timeLimitSeconds = 36_000;
    expect(await repriced(site)).toBe(1);
    expect(await heldFor(site, job)).toEqual(['1700000']);
    expect(await repriced(site)).toBe(0);
    job.timeLimitSeconds = 1800;
    expect(await repriced(site)).toBe(1);
    expect(await heldFor(site, job)).toEqual(['85000']);
  });

  it('without money it is told of, and the job runs on', async () => {
    const { site, job } = await started(
      'aws-cpu-001',
      { amount: '0.17', rate: '1700000000' },
      { deposit: '0.5' },
    );
    const before = await heldFor(site, job);
    job.timeLimitSeconds = 36_000;
    expect(await repriced(site)).toBe(0);
    expect(await heldFor(site, job)).toEqual(before);
    expect(job.state).toBe('RUNNING');
    expect(site.logged).toContainEqual(
      expect.objectContaining({
        event: 'job_outgrew_hold',
        fields: expect.objectContaining({ job_id: `${job.jobId}` }),
      }),
    );
  });

  it('F43: what resume raised for a dearer rung is kept: the rate is that of what runs', async () => {
    // Priced for spot at 0.15, launched on demand at 0.17.
    const { site, job } = await started('aws-spot-001', { amount: '0.15', rate: '1500000000' });
    await repriced(site);
    expect(await heldFor(site, job)).toEqual(['170000']);
    job.timeLimitSeconds = 7200;
    expect(await repriced(site)).toBe(1);
    expect(await heldFor(site, job)).toEqual(['340000']);
  });

  it('F43: nothing is taken back from a job whose instances are still to come', async () => {
    const site = await startSettleSite();
    const job = await pricedJob(site, { amount: '0.9', rate: '1700000000' });
    await site.settle();
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    expect(await repriced(site)).toBe(0);
    expect(await heldFor(site, job)).toEqual(['900000']);
  });
});
