import { describe, expect, it } from 'vitest';
import { budgetedSite, STEP } from './support/budget.ts';
import { callResume, nodeNames } from './support/site.ts';

describe('5.7: a gang and the budget', () => {
  it('what did not start is given back, what another process launched is not', async () => {
    const { site, portsOf } = await budgetedSite({ launch: { size: 4, per_second: 0.001 } });
    const one = portsOf();
    const two = portsOf();
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    expect(await one.cloud.launch({ ...STEP, clientToken: 'a', count: 4 })).toMatchObject({
      kind: 'answered',
      instances: [],
    });
    await site.fake.capacity({ type: 'c5.xlarge', set: 100 });
    expect(await one.cloud.launch({ ...STEP, clientToken: 'b', count: 3 })).toMatchObject({
      kind: 'answered',
      instances: [{}, {}, {}],
    });
    const calls = (await site.fake.callsOf('CreateFleet')).length;
    expect(await two.cloud.launch({ ...STEP, clientToken: 'c', count: 2 })).toMatchObject({
      kind: 'refused',
      code: 'RequestLimitExceeded',
      roomInMs: 1_000_000,
    });
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(calls);
    expect(await two.cloud.launch({ ...STEP, clientToken: 'd', count: 1 })).toMatchObject({
      kind: 'answered',
      instances: [{}],
    });
  });

  it('GANG-2: ends its instances at once while launches have to wait, and the job gets that time', async () => {
    const { site, portsOf } = await budgetedSite(
      { launch: { size: 4, per_second: 0.001 } },
      { settings: { burst: { batch_size: 2 } } },
    );
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1a', set: 3 });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 4));
    const result = await callResume(portsOf(), 'aws-cpu-[001-004]', [job]);
    const atS = site.books.clock.nowUs() / 1_000_000;
    expect(result).toMatchObject({
      exitCode: 75,
      gangs: [
        {
          kind: 'aborted',
          cause: { code: 'RequestLimitExceeded', as: 'throttle', retryAtS: atS + 2000 },
        },
      ],
    });
    // Two and then, with the last tokens, two in the next zone: all of them went again.
    expect(await site.fake.launched()).toHaveLength(4);
    expect(await site.fake.live()).toEqual([]);
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(3);
    expect(job).toMatchObject({ state: 'PENDING', startIn: 2000, isHeld: false });
    expect(job.adminComment).toMatch(/ asbb:last=RequestLimitExceeded@\d+#1$/u);
  });

  it('waits as long as there is time, and then launches with the same token', async () => {
    const { site, portsOf } = await budgetedSite({ launch: { size: 4, per_second: 0.1 } });
    const one = portsOf();
    await one.cloud.launch({ ...STEP, clientToken: 'before', count: 3 });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 3));
    const result = await callResume(portsOf(), 'aws-cpu-[001-003]', [job]);
    expect(result).toMatchObject({ exitCode: 0, gangs: [{ kind: 'bound', attempt: 1 }] });
    expect(site.logged.filter(({ event }) => event === 'launch_waits')).not.toEqual([]);
    expect(site.logged.filter(({ event }) => event === 'launch_refused')).toEqual([]);
    expect(await site.fake.tokensUsed()).toHaveLength(2);
  });

  it('tags that have no turn before the end are throttling: the gang goes again whole', async () => {
    const { site, portsOf } = await budgetedSite({ mutate: { size: 2, per_second: 0.001 } });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 3));
    const result = await callResume(portsOf(), 'aws-cpu-[001-003]', [job]);
    expect(result).toMatchObject({
      exitCode: 75,
      gangs: [{ kind: 'aborted', cause: { code: 'RequestLimitExceeded', as: 'throttle' } }],
    });
    expect(await site.fake.callsOf('CreateTags')).toHaveLength(2);
    expect(await site.fake.live()).toEqual([]);
    expect(job).toMatchObject({ state: 'PENDING', startIn: 30 });
  });

  it('every page and every repeat of the SDK takes a token; a repeat for our own budget is none', async () => {
    const { site, portsOf } = await budgetedSite(
      { describe: { size: 6, per_second: 0.001 } },
      {
        faults: [
          {
            id: 'busy',
            match: { action: 'DescribeInstances', nth: [1, 2] },
            do: { error: { code: 'RequestLimitExceeded', status: 503 } },
          },
        ],
      },
    );
    const { cloud } = portsOf();
    const none = { by: 'intent', cluster: 'hpc1', intentId: 1 } as const;
    expect(await cloud.instances(none)).toEqual([]);
    expect(await site.fake.callsOf('DescribeInstances')).toHaveLength(3);
    for (let call = 0; call < 3; call += 1) {
      await cloud.instances(none);
    }
    await expect(cloud.instances(none)).rejects.toMatchObject({
      exitCode: 75,
      code: 'RequestLimitExceeded',
    });
    expect(await site.fake.callsOf('DescribeInstances')).toHaveLength(6);
  });
});
