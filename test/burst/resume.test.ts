import { describe, expect, it } from 'vitest';
import { compressNodelist } from '../../src/core/slurm/nodelist.ts';
import { callResume, nodeNames, startSite } from './support/site.ts';

describe('hook resume: the way that works (burst.md 5.1)', () => {
  it('launches a one-node job: intent, tags, address, bound row', async () => {
    const site = await startSite();
    const job = await site.submit();
    const result = await site.start(job, ['aws-cpu-001']);
    expect(result.exitCode).toBe(0);
    expect(result.gangs.map(({ kind }) => kind)).toEqual(['bound']);
    const [instance] = await site.fake.live();
    const { fleet, holds } = await site.books.ledger.read({
      fleet: { nodes: ['aws-cpu-001'] },
      holds: { jobIds: [job.jobId] },
    });
    const [intent] = fleet.intents;
    expect(instance?.tags).toMatchObject({
      Name: 'aws-cpu-001',
      SlurmNode: 'aws-cpu-001',
      ManagedBy: 'asbb',
      'asbb:cluster': 'hpc1',
      'asbb:intent': `${intent?.intentId}`,
      'asbb:attempt': '1',
      'asbb:job': `${job.jobId}`,
      'asbb:hold': `${holds[0]?.holdId}`,
      'asbb:account': 'chem',
      'asbb:lifecycle': 'on-demand',
      Partition: 'aws',
      NodeGroup: 'aws-cpu',
      JobID: `${job.jobId}`,
    });
    expect(site.slurm.node('aws-cpu-001')).toMatchObject({
      address: instance?.ip,
      hostname: 'aws-cpu-001',
    });
    expect(fleet.instances).toMatchObject([
      { state: 'bound', node: 'aws-cpu-001', instanceId: instance?.id, address: instance?.ip },
    ]);
    expect(intent).toMatchObject({ state: 'done', code: '', aborted: false, want: 1 });
    expect(holds).toMatchObject([{ state: 'open', submitS: job.submitS }]);
  });

  it('5.2: one instant fleet, all or nothing, in one zone of one type and a cluster group', async () => {
    const site = await startSite();
    const job = await site.submit({ name: 'gromacs' });
    const result = await site.start(job, nodeNames('efa', 1, 16));
    const [fleet, ...others] = await site.fake.callsOf('CreateFleet');
    expect(others).toEqual([]);
    expect(fleet?.['params']).toMatchObject({
      Type: 'instant',
      'TargetCapacitySpecification.TotalTargetCapacity': '16',
      'TargetCapacitySpecification.DefaultTargetCapacityType': 'on-demand',
      'OnDemandOptions.AllocationStrategy': 'prioritized',
      'OnDemandOptions.SingleAvailabilityZone': 'true',
      'OnDemandOptions.SingleInstanceType': 'true',
      'OnDemandOptions.MinTargetCapacity': '16',
      'LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version': '1',
      'LaunchTemplateConfigs.1.Overrides.1.Placement.GroupName': `asbb-hpc1-${job.jobId}-1`,
    });
    const { instances, groups } = await site.fake.state();
    expect(new Set(instances.map(({ az }) => az))).toHaveProperty('size', 1);
    expect(groups).toMatchObject([{ name: `asbb-hpc1-${job.jobId}-1`, strategy: 'cluster' }]);
    expect(result.gangs[0]?.bound.map(({ node }) => node)).toEqual(nodeNames('efa', 1, 16));
  });

  it('5.9: i-th node to i-th instance, by zone and id', async () => {
    const site = await startSite();
    const job = await site.submit();
    await site.start(job, nodeNames('cpu', 1, 8));
    const named = (await site.fake.live()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(named.map(({ tags }) => tags['SlurmNode'])).toEqual(nodeNames('cpu', 1, 8));
  });

  it('takes RunInstances where the group says so: MinCount = MaxCount', async () => {
    const site = await startSite();
    const job = await site.submit();
    await site.start(job, nodeNames('run', 1, 3));
    const [call] = await site.fake.callsOf('RunInstances');
    expect(call?.['params']).toMatchObject({
      MinCount: '3',
      MaxCount: '3',
      'SecurityGroupId.1': 'sg-0a11ce00000000001',
    });
    expect(await site.fake.live()).toHaveLength(3);
  });

  it('GANG-1: tasks of an array are one call under the array, a job of its own is another', async () => {
    const site = await startSite();
    const array = await site.submit({ jobId: 500, arrayJobId: 500, arrayTask: 1, tasks: 2 });
    const { adminComment } = array;
    const second = await site.submit({
      jobId: 501,
      arrayJobId: 500,
      arrayTask: 2,
      hasHold: false,
      adminComment,
    });
    const alone = await site.submit({ jobId: 502 });
    site.slurm.allocate(500, ['aws-cpu-001']);
    site.slurm.allocate(501, ['aws-cpu-002']);
    site.slurm.allocate(502, ['aws-cpu-003']);
    await site.resume('aws-cpu-[001-003]', [array, second, alone]);
    const calls = await site.fake.callsOf('CreateFleet');
    expect(
      calls.map((call) => paramOf(call, 'TargetCapacitySpecification.TotalTargetCapacity')),
    ).toEqual(expect.arrayContaining(['2', '1']));
    const live = await site.fake.live();
    expect(live.map(({ tags }) => tags['asbb:job']).toSorted()).toEqual(['500', '500', '502']);
    const { holds } = await site.books.ledger.read({ holds: { jobIds: [500], children: true } });
    const parent = holds.find(({ parentId }) => parentId === undefined);
    expect(live.filter(({ tags }) => tags['asbb:hold'] === `${parent?.holdId}`)).toHaveLength(2);
  });

  it('GANG-5: only the missing members are launched', async () => {
    const site = await startSite();
    const first = await site.submit();
    await site.start(first, ['aws-cpu-001', 'aws-cpu-002']);
    site.slurm.register(['aws-cpu-001', 'aws-cpu-002']);
    site.slurm.end(first.jobId);
    const job = await site.submit();
    const missing = site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 4));
    expect(missing).toEqual(['aws-cpu-003', 'aws-cpu-004']);
    const call = { ...job, nodes: missing };
    const result = await site.resume(compressNodelist(missing), [call]);
    expect(result.gangs).toMatchObject([{ kind: 'bound', nodes: missing }]);
    expect(await site.fake.live()).toHaveLength(4);
  });

  it('GANG-8: components of a heterogeneous job are one gang with two holds', async () => {
    const site = await startSite();
    const one = await site.submit({ jobId: 600, hetJobId: 600 });
    const two = await site.submit({ jobId: 601, hetJobId: 600 });
    site.slurm.allocate(600, ['aws-cpu-001']);
    site.slurm.allocate(601, ['aws-efa-001']);
    await site.fake.capacity({ type: 'c5n.18xlarge', set: 0 });
    const result = await site.resume('aws-cpu-001,aws-efa-001', [one, two]);
    expect(result.gangs).toMatchObject([{ kind: 'aborted', jobIds: [600, 601] }]);
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-cpu-001,aws-efa-001']);
  });

  it('GANG-9: jobs that share a node of the call are one gang', async () => {
    const site = await startSite();
    const one = await site.submit();
    const two = await site.submit();
    site.slurm.allocate(one.jobId, ['aws-cpu-001']);
    site.slurm.allocate(two.jobId, ['aws-cpu-001']);
    const result = await site.resume('aws-cpu-001', [one, two]);
    expect(result.gangs).toMatchObject([{ kind: 'bound', jobIds: [one.jobId, two.jobId] }]);
    expect(await site.fake.live()).toHaveLength(1);
  });

  it('F5: one gang fails, the other of the same call is untouched', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5n.18xlarge', set: 3 });
    const fine = await site.submit();
    const unlucky = await site.submit();
    site.slurm.allocate(fine.jobId, nodeNames('cpu', 1, 2));
    site.slurm.allocate(unlucky.jobId, nodeNames('efa', 1, 4));
    const result = await site.resume('aws-cpu-[001-002],aws-efa-[001-004]', [fine, unlucky]);
    expect(result.gangs.map(({ kind }) => kind).toSorted()).toEqual(['aborted', 'bound']);
    expect(await site.fake.live()).toHaveLength(2);
    expect(fine.state).toBe('CONFIGURING');
    expect(unlucky.state).toBe('PENDING');
  });

  it('asks squeue where there is no resume file', async () => {
    const site = await startSite();
    const job = await site.submit();
    const nodes = site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    const result = await callResume(site.ports, compressNodelist(nodes), undefined);
    expect(result.gangs).toMatchObject([{ kind: 'bound', jobIds: [job.jobId] }]);
  });

  it('SL-3: nodes that no job asked for go back, unless the site pays for them', async () => {
    const site = await startSite();
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWERING_UP');
    const refused = await site.resume('aws-cpu-001', []);
    expect(refused).toMatchObject({ exitCode: 3, gangs: [{ kind: 'aborted' }] });
    expect(await site.fake.launched()).toEqual([]);
    const settings = { ...site.settings, cost: { ...site.settings.cost, pool_account: 'chem' } };
    site.slurm.set('aws-cpu-002', 'IDLE', 'POWERING_UP');
    const paid = await callResume({ ...site.ports, settings }, 'aws-cpu-002', []);
    expect(paid.gangs).toMatchObject([{ kind: 'bound', jobIds: [] }]);
    const { fleet } = await site.books.ledger.read({ fleet: { nodes: ['aws-cpu-002'] } });
    expect(fleet.intents).toMatchObject([{ purpose: 'admin', holdId: undefined }]);
  });

  it('CMD-5: a bad or empty list is refused, and nothing of it is acted upon', async () => {
    const site = await startSite();
    await expect(site.resume('aws-cpu-[001-')).rejects.toThrow('bad nodelist at column');
    await expect(site.resume('')).rejects.toThrow('nodelist is empty');
    expect(site.slurm.calls).toEqual([]);
  });

  it('gives back what no node group has', async () => {
    const site = await startSite();
    site.slurm.set('aws-cpu-001', 'ALLOCATED', 'POWERING_UP');
    await expect(site.resume('other-1')).rejects.toThrow('no node other-1');
    expect(site.slurm.callsOf('setNodeState')[0]).toEqual([
      'other-1',
      'power_down_force',
      '(Code:UnknownNode)asbb: no node group of the configuration has this node',
    ]);
  });
});

function paramOf(call: Readonly<Record<string, unknown>>, name: string): unknown {
  const params = call['params'];
  return typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
}
