import { expect, it } from 'vitest';
import { compressNodelist } from '../../src/core/slurm/nodelist.ts';
import { suspend } from '../../src/flows/suspend.ts';
import { budgetedSite } from './support/budget.ts';
import { callResume, nodeNames } from './support/site.ts';

it('1,000 nodes: at most 3 launch calls; bound, told to SLURM in tens of calls, ended again', async () => {
  // Half of the names at once, then fifty a second: the waiting is not our own time.
  const { site, portsOf } = await budgetedSite({ mutate: { size: 500, per_second: 50 } });
  const nodes = nodeNames('cpu', 1, 1000);
  const job = await site.submit({ amount: '2000' });
  const ports = portsOf();
  const nodeList = compressNodelist(site.slurm.allocate(job.jobId, nodes));
  const before = process.cpuUsage();
  const result = await callResume(ports, nodeList, [job]);
  const used = process.cpuUsage(before);
  expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
  expect(result.gangs[0]?.bound).toHaveLength(1000);
  expect((await site.fake.callsOf('CreateFleet')).length).toBeLessThanOrEqual(3);
  expect((await site.fake.callsOf('DescribeInstances')).length).toBeLessThanOrEqual(10);
  expect(await site.fake.callsOf('CreateTags')).toHaveLength(1000);
  expect(site.slurm.callsOf('setAddresses')).toHaveLength(10);
  process.stdout.write(`own time: ${Math.round((used.user + used.system) / 1000)} ms\n`);
  site.slurm.register(nodes);
  site.slurm.end(job.jobId);
  site.slurm.powerDown(nodes);
  await suspend('aws-cpu-[001-1000]', site.ports);
  expect(await site.fake.live()).toEqual([]);
});
