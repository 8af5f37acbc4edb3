import { expect, it } from 'vitest';
import { nodeNames } from '../burst/support/site.ts';
import { startSettleSite } from './support/settle-site.ts';

it('a job runs, its node idles, everything is charged to the micro-dollar', async () => {
  const site = await startSettleSite();
  const job = await site.submit();
  const nodes = nodeNames('cpu', 1, 2);
  await site.allocate(job, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.maintain();
  await site.forward(500);
  site.accounted.end(job);
  expect(await site.epilogHook(job, nodes)).toBe(0);
  expect(site.files.get(`job_${job.jobId}_cost.json`)).toMatchObject({
    reconciliation_status: 'provisional',
    job_state: 'COMPLETING',
  });
  site.accounted.complete(job);
  await site.forward(350);
  site.slurm.powerDown(nodes);
  await site.suspendHook(nodes);
  await site.forward(10);
  expect((await site.maintain()).settled.map(({ answer }) => answer?.outcome)).toEqual(['charged']);
  expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
  expect(site.booked().spent).toBeGreaterThan(0n);
  expect(site.files.get(`job_${job.jobId}_cost.json`)).toMatchObject({
    reconciliation_status: 'final',
    job_state: 'COMPLETED',
    actual_cost_micros: Number(site.booked().spent),
  });
  // Nothing more to do.
  const again = await site.maintain();
  expect(again.settled).toEqual([]);
  expect(again.closed).toBe(0);
});
