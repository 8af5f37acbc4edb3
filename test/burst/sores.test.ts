import { expect, it, onTestFinished } from 'vitest';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import { EmulatedSite } from './support/emulated-site.ts';
import { nodeNames } from './support/site.ts';
import { jobSores, nodeSores } from './support/sores.ts';

// What the random days look for at their end must be seen when it is there.

function site(): Promise<EmulatedSite> {
  return EmulatedSite.start({}, onTestFinished);
}

async function words(at: EmulatedSite): Promise<string> {
  return (await nodeSores(at)).join('\n');
}

it('a node that powers up after its ResumeProgram was never run; reconcile mends it', async () => {
  const at = await site();
  const id = await at.submit(nodeNames('cpu', 1, 2), ['--wrap', 'sleep 20']);
  await at.cluster.emulate('fault', 'add', '{"on":"resume","do":"skip"}');
  await at.forward(10);
  expect(await words(at)).toMatch(
    /aws-cpu-001 is ALLOCATED.*POWERING_UP.* without a bound instance/u,
  );
  expect(await jobSores(at)).toEqual([`job ${id} is CONFIGURING`]);
  for (let run = 0; run < 12; run += 1) {
    await at.forward(60);
    await nodesReconcile(
      {},
      { ...at.ports, locks: { take: () => ({ release: () => undefined }) } },
    );
  }
  expect([...(await nodeSores(at, { isOver: true })), ...(await jobSores(at))]).toEqual([]);
});

it('a node that is up without its instance, one that is drained, one that is down', async () => {
  const at = await site();
  await at.submit(nodeNames('cpu', 1, 3), ['--wrap', 'sleep 3000']);
  await at.forward(90);
  expect(await words(at)).toBe('');
  const first = (await at.site.fake.live()).find(({ tags }) => tags['SlurmNode'] === 'aws-cpu-001');
  await at.site.fake.external({ terminate: first?.id ?? '' });
  await at.site.forward(5); // slurmctld hears of it later
  await at.cluster.command('scontrol', 'update', 'nodename=aws-cpu-002', 'state=drain', 'reason=x');
  await at.cluster.command('scontrol', 'update', 'nodename=aws-cpu-003', 'state=down', 'reason=x');
  const found = await words(at);
  expect(found).toContain('without a bound instance');
  expect(found).toMatch(/aws-cpu-002 is \S*DRAIN.* and left so/u);
  expect(found).toMatch(/aws-cpu-003 is DOWN.* and left so/u);
  expect(found).toMatch(/sinfo: aws-cpu-003 down/u);
});

it('a job that is held without a reason of ours; a node that is still up at the end', async () => {
  const at = await site();
  const id = await at.submit(nodeNames('cpu', 1, 1), ['--wrap', 'sleep 5', '--hold']);
  const other = await at.submit(nodeNames('cpu', 2, 2), ['--wrap', 'sleep 20']);
  await at.forward(110);
  expect(await jobSores(at)).toMatchObject([
    expect.stringContaining(`job ${id} is PENDING for JobHeld`),
  ]);
  expect((await at.cluster.state()).jobs.find((job) => job.id === other)?.state).toBe('COMPLETED');
  expect((await nodeSores(at, { isOver: true })).join()).toContain('aws-cpu-002');
});
