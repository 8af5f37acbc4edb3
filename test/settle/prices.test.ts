import { expect, it } from 'vitest';
import { CostFile } from '../../schema/output/cost-file.ts';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import { launchPrice } from '../../src/core/burst/record.ts';
import { parseRate } from '../../src/core/money/rate.ts';
import type { BurstPorts } from '../../src/flows/steps/burst-ports.ts';
import { settlePass } from '../../src/flows/steps/settle/run-pass.ts';
import { callResume, nodeNames, type SubmitOptions } from '../burst/support/site.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

/** One node for a while, launched with these ports; the job's cost file. */
async function ran(
  site: SettleSite,
  group: 'cpu' | 'spot',
  { ports = {}, ...ask }: SubmitOptions & { readonly ports?: Partial<BurstPorts> } = {},
): Promise<CostFile> {
  const job = await site.submit(ask);
  const nodes = nodeNames(group, 1, 1);
  const off = site.accounted.allocate(job, nodes);
  await callResume({ ...site.all, ...ports }, off.join(','), [{ ...job, nodes }]);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(3540);
  await site.leave(job, nodes);
  await site.reconcile();
  await settlePass({ ...site.all, ...ports });
  return CostFile.parse(site.files.get(`job_${job.jobId}_cost.json`));
}

it('COST-9: the price at the start of the instance counts, whatever the hold was priced at', async () => {
  const site = await startSettleSite();
  const dearer = parseRate('0.34');
  const [node] = (await ran(site, 'cpu', { ports: { rateOf: () => dearer } })).instances;
  expect(node?.price_segments.map((each) => each.price_per_hour_micros)).toContain(340_000);
  expect(node).not.toHaveProperty('price_missing');
  expect(site.booked().spent).toBe((await site.billed()) * 2n);
});

it('COST-9: a hold that is placed at the launch names the snapshot of its price', async () => {
  const site = await startSettleSite();
  const pricing = { priceDate: '2026-11-01' };
  const file = await ran(site, 'cpu', { hasHold: false, ports: { pricing } });
  expect(file).toMatchObject({ price_snapshot: '2026-11-01' });
});

it('COST-9: without any spot price what the hold was raised to is charged, marked, never 0', async () => {
  const site = await startSettleSite();
  // EC2 tells no price of this pool: the fake always has one.
  class Unpriced extends Ec2Cloud {
    override async spotPrices(): Promise<readonly []> {
      return await Promise.resolve([]);
    }
  }
  const cloud = new Unpriced(site.settings);
  const file = await ran(site, 'spot', { ports: { cloud } });
  expect(file.instances).toMatchObject([{ lifecycle: 'spot', price_missing: true }]);
  const prices = file.instances.flatMap(({ price_segments }) => price_segments);
  expect(new Set(prices.map((each) => each.price_per_hour_micros))).toEqual(new Set([150_000]));
  expect(site.logged.map(({ event }) => event)).toContain('price_missing');
});

it('COST-9: of a type that its call did not name an instance costs the dearest that it did', () => {
  const rates = { 'c5.xlarge': '1700000000', 'c6i.xlarge': '1800000000' };
  const came = { instanceType: 'c7i.xlarge', lifecycle: 'on-demand' } as const;
  expect(launchPrice({ rates }, came)).toEqual({ rate: 1_800_000_000n, isPriceMissing: true });
  expect(launchPrice({ rates }, { ...came, instanceType: 'c5.xlarge' })).toEqual({
    rate: 1_700_000_000n,
  });
});
