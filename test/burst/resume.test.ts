import { expect, it } from 'vitest';
import { nodeNames, startSite } from './support/site.ts';

it('launches a one-node job: intent, tags, address, bound row (burst.md 5.1)', async () => {
  const site = await startSite();
  const job = await site.submit();
  const result = await site.start(job, ['aws-cpu-001']);
  expect(result.gangs.map(({ kind }) => kind)).toEqual(['bound']);
  const [instance] = await site.fake.live();
  expect(instance?.tags).toMatchObject({
    Name: 'aws-cpu-001',
    SlurmNode: 'aws-cpu-001',
    'asbb:cluster': 'hpc1',
    'asbb:job': `${job.jobId}`,
  });
  expect(site.slurm.node('aws-cpu-001').address).toBe(instance?.ip);
  const { fleet } = await site.books.ledger.read({ fleet: { nodes: ['aws-cpu-001'] } });
  expect(fleet.instances.map(({ state, node }) => [state, node])).toEqual([
    ['bound', 'aws-cpu-001'],
  ]);
  expect(fleet.intents.map(({ state }) => state)).toEqual(['done']);
});

it('launches a gang by one all-or-nothing call', async () => {
  const site = await startSite();
  const job = await site.submit();
  const nodes = nodeNames('efa', 1, 16);
  await site.start(job, nodes);
  const fleets = await site.fake.callsOf('CreateFleet');
  expect(fleets).toHaveLength(1);
  expect(await site.fake.live()).toHaveLength(16);
});
