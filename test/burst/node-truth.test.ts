import { describe, expect, it } from 'vitest';
import { TAG } from '../../src/core/burst/tags.ts';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import { FREE, firstLive, reconciled, rowOf, running } from './support/reconciling.ts';
import { type Site, SUBNET_A, startSite } from './support/site.ts';

describe('F46: a ledger restored from a backup of yesterday', () => {
  async function forgotten(site: Site, tags: Readonly<Record<string, string>>) {
    await site.fake.external({
      launch: { type: 'c5.xlarge', subnet: SUBNET_A, tags: { 'asbb:cluster': 'hpc1', ...tags } },
    });
    await site.forward(400);
    const { instances } = await site.fake.state();
    return instances.at(-1);
  }

  it('what runs a job is adopted, tagged, paid by the job, and ends as others do', async () => {
    const site = await startSite();
    const job = await site.submit();
    const instance = await forgotten(site, {
      [TAG.intent]: '4711',
      [TAG.hold]: '815',
      [TAG.job]: `${job.jobId}`,
      SlurmNode: 'aws-cpu-001',
    });
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    await site.slurm.setAddresses({
      nodes: ['aws-cpu-001'],
      addresses: [instance?.ip ?? ''],
      hostnames: ['aws-cpu-001'],
    });
    site.slurm.register(['aws-cpu-001']);
    const result = await reconciled(site, { isRestored: true });
    expect(result).toMatchObject({ state: 'done', adopted: 1 });
    const row = await rowOf(site, instance?.id ?? '');
    expect(row).toMatchObject({ node: 'aws-cpu-001', state: 'bound', instanceType: 'c5.xlarge' });
    const { fleet } = await site.books.ledger.read({ fleet: { intentIds: [row?.intentId ?? 0] } });
    expect(fleet.intents).toMatchObject([{ state: 'done', jobId: job.jobId, purpose: 'job' }]);
    expect(fleet.intents[0]?.holdId).toBeGreaterThan(0);
    const [live] = await site.fake.live();
    expect(live?.tags[TAG.intent]).toBe(`${row?.intentId}`);
    expect(await reconciled(site)).toMatchObject({ foreign: [], verdicts: [] });
    expect((await rowOf(site, instance?.id ?? ''))?.state).toBe('ready');
    site.slurm.end(job.jobId);
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWERED_DOWN');
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
  });

  it('what names a node that is off is kept, not terminated, while it is in force', async () => {
    const site = await startSite();
    await forgotten(site, { [TAG.intent]: '4711', SlurmNode: 'aws-cpu-001' });
    await forgotten(site, { [TAG.intent]: '4712' });
    const result = await reconciled(site, { isRestored: true });
    expect(result).toMatchObject({ adopted: 1 });
    expect(result.foreign).toHaveLength(2);
    expect(await site.fake.live()).toHaveLength(2);
  });

  it('a number that the restored ledger gave anew does not make it its instance', async () => {
    const site = await startSite();
    const early = await forgotten(site, { [TAG.intent]: '1', SlurmNode: 'aws-cpu-001' });
    const job = await site.submit();
    await site.start(job, ['aws-cpu-001']);
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.intents.map(({ intentId }) => intentId)).toEqual([1]);
    await site.forward(130);
    site.slurm.register(['aws-cpu-001']);
    const result = await reconciled(site);
    expect(result.foreign).toEqual([early?.id]);
    expect(await rowOf(site, early?.id ?? '')).toBeUndefined();
    expect(await site.fake.live()).toHaveLength(2);
  });
});

describe('9.1, F36, F47, F52, F53: what reconcile believes', () => {
  it('F36: an address used again: joined by id, the old node loses its address', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-cpu-001']);
    const victim = await firstLive(site);
    const address = site.slurm.node('aws-cpu-001').address;
    await site.fake.external({ terminate: victim });
    await site.forward(30);
    site.slurm.end(job.jobId);
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWERED_DOWN');
    const other = await site.submit();
    await site.start(other, ['aws-cpu-002']);
    site.slurm.register(['aws-cpu-002']);
    await site.slurm.setAddresses({
      nodes: ['aws-cpu-002'],
      addresses: [address],
      hostnames: ['aws-cpu-002'],
    });
    await reconciled(site);
    expect(site.slurm.node('aws-cpu-001').address).toBe('aws-cpu-001');
    expect(site.slurm.node('aws-cpu-002').address).toBe(address);
    expect(await site.fake.live()).toHaveLength(1);
  });

  it.each([
    ['back an hour', -3600],
    ['forward a day', 86_400],
  ] as const)(
    'F47: the clock jumps %s: nothing is terminated, nothing is written',
    async (_how, by) => {
      const site = await startSite();
      const job = await site.submit();
      await site.start(job, ['aws-cpu-001']);
      const jumped = {
        ...site.ports,
        locks: FREE,
        clock: { ...site.ports.clock, nowUs: () => site.books.clock.nowUs() + by * 1_000_000 },
      };
      const seq = (await site.books.ledger.read({})).next.seq;
      const result = await nodesReconcile({}, jumped);
      expect(result).toMatchObject({ state: 'looked', exitCode: 75, verdicts: [] });
      expect(result.problems[0]).toMatch(/clock differs from ours by/u);
      expect(await site.fake.live()).toHaveLength(1);
      expect((await site.books.ledger.read({})).next.seq).toBe(seq);
      expect(site.slurm.callsOf('setNodeState')).toEqual([]);
    },
  );

  it('SLURM shows no node at all: nothing is believed of that', async () => {
    const site = await startSite();
    await running(site, ['aws-cpu-001']);
    const silent = { ...site.ports, locks: FREE, slurm: Object.create(site.slurm) };
    Object.assign(silent.slurm, { nodes: () => Promise.resolve([]) });
    for (const method of ['queue', 'config'] as const) {
      Object.assign(silent.slurm, { [method]: site.slurm[method].bind(site.slurm) });
    }
    await site.forward(3600);
    const result = await nodesReconcile({}, silent);
    expect(result).toMatchObject({ state: 'looked', exitCode: 75 });
    expect(await site.fake.live()).toHaveLength(1);
  });

  it('F52: a group gone from the configuration: kept under its job, ended when idle', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-cpu-001']);
    const [partition] = site.settings.slurm.partitions;
    const groups = partition?.node_groups.filter((group) => group.node_group_name !== 'cpu') ?? [];
    const without = partition === undefined ? [] : [{ ...partition, node_groups: groups }];
    const settings = {
      ...site.settings,
      slurm: { ...site.settings.slurm, partitions: without },
    };
    const ports = { ...site.ports, settings, locks: FREE };
    await site.forward(3600);
    expect(await nodesReconcile({}, ports)).toMatchObject({ verdicts: [] });
    expect(await site.fake.live()).toHaveLength(1);
    site.slurm.end(job.jobId);
    expect(await nodesReconcile({}, ports)).toMatchObject({
      verdicts: [{ kind: 'not in slurm.conf', acts: ['terminate', 'alert'] }],
    });
    expect(await site.fake.live()).toEqual([]);
  });

  it('F53: somebody took the tags off: the instance is found by its id', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-cpu-001']);
    const id = await firstLive(site);
    await site.ports.cloud.tag([id], { [TAG.cluster]: 'elsewhere' });
    await site.forward(120);
    await reconciled(site);
    await site.forward(120);
    await reconciled(site);
    expect(await rowOf(site, id)).toMatchObject({ state: 'ready', endCause: '' });
    expect(job.state).toBe('RUNNING');
    site.slurm.end(job.jobId);
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWERED_DOWN');
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
    // The ledger saw the change, and `ledger verify` tells of it (I11) until it is undone.
    await site.ports.cloud.tag([id], { [TAG.cluster]: 'hpc1' });
    await reconciled(site);
  });

  it('an instance that outlived its end is ended again', async () => {
    const site = await startSite();
    await running(site, ['aws-cpu-001']);
    const { ledger, clock } = site.books;
    const endS = Math.floor(clock.nowUs() / 1_000_000);
    await ledger.decide(
      { scope: 'hpc1', verb: 'test', args: {} },
      { fleet: { open: true } },
      (view) => ({
        changes: view.fleet.instances.map((row) => ({
          change: 'putInstance',
          row: { ...row, state: 'terminating', endS, endCause: 'lost' },
        })),
        answer: 0,
      }),
    );
    await reconciled(site);
    expect(await site.fake.live()).toHaveLength(1);
    await site.forward(130);
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
  });

  it('9.1: instances of the original program are told of once an hour, never touched', async () => {
    const site = await startSite();
    await site.fake.external({
      launch: { type: 'c5.xlarge', subnet: SUBNET_A, tags: { ManagedBy: 'aws-slurm-burst' } },
    });
    await site.forward(3600);
    expect((await reconciled(site, { killsOrphans: true })).foreign).toHaveLength(1);
    expect((await reconciled(site)).foreign).toEqual([]);
    await site.forward(3600);
    expect((await reconciled(site)).foreign).toHaveLength(1);
    expect(await site.fake.live()).toHaveLength(1);
  });
});
