import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import { EXIT, Fault } from '../../src/core/errors.ts';
import { isCloudRefusal } from '../../src/ports/cloud.ts';
import { SUBNET_A, SUBNET_B, WORLD } from '../burst/support/site.ts';
import type { FaultRule } from '../fake-ec2/faults.ts';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { REQUEST, settingsFor } from './support.ts';

// The adapter alone, through the real SDK: what it sends, what it makes of every kind of answer.

let fake: FakeEc2;
beforeAll(async () => {
  fake = await startFakeEc2(WORLD);
});
afterAll(async () => {
  await fake.stop();
});
beforeEach(async () => {
  await fake.reset();
});

function cloud(aws: Readonly<Record<string, unknown>> = {}): Ec2Cloud {
  return new Ec2Cloud(settingsFor(fake.url, aws));
}

async function rule(action: string, deed: FaultRule['do'], nth?: number): Promise<void> {
  const match = nth === undefined ? { action } : { action, nth };
  await fake.addFaults({ id: `${action}-${nth ?? 'all'}`, match, do: deed });
}

describe('launch', () => {
  it('reads every id of every group of a fleet', async () => {
    const overrides = [
      { instanceType: 'c5.xlarge', subnetId: SUBNET_A, priority: 0 },
      { instanceType: 'c6i.xlarge', subnetId: SUBNET_A, priority: 1 },
    ];
    await fake.capacity({ type: 'c5.xlarge', set: 3 });
    const answer = await cloud().launch({ ...REQUEST, count: 5, allOrNothing: false, overrides });
    expect(answer).toMatchObject({ kind: 'answered', fleetId: expect.stringMatching(/^fleet-/) });
    const instances = answer.kind === 'answered' ? answer.instances : [];
    expect(instances.map(({ instanceType }) => instanceType).toSorted()).toEqual([
      'c5.xlarge',
      'c5.xlarge',
      'c5.xlarge',
      'c6i.xlarge',
      'c6i.xlarge',
    ]);
    expect(new Set(instances.map(({ zone }) => zone))).toEqual(new Set(['us-east-1a']));
    expect(new Set(instances.map(({ instanceId }) => instanceId))).toEqual(
      new Set((await fake.live()).map(({ id }) => id)),
    );
  });

  it('a fleet without capacity is an answer with errors, not an exception', async () => {
    await fake.capacity({ type: 'c5.xlarge', set: 1 });
    const answer = await cloud().launch(REQUEST);
    expect(answer).toMatchObject({ kind: 'answered', instances: [] });
    expect(answer.kind === 'answered' ? answer.errors[0] : {}).toMatchObject({
      code: 'InsufficientInstanceCapacity',
      instanceType: 'c5.xlarge',
      zone: 'us-east-1a',
    });
  });

  it('never repeats a launch by itself: the capacity error of RunInstances comes with 500', async () => {
    await fake.capacity({ type: 'c5.xlarge', set: 0 });
    const answer = await cloud().launch({ ...REQUEST, api: 'run-instances' });
    expect(answer).toMatchObject({
      kind: 'refused',
      code: 'InsufficientInstanceCapacity',
      status: 500,
    });
    expect(await fake.callsOf('RunInstances')).toHaveLength(1);
  });

  it('sends tags for what an instant fleet accepts, profile and group in each override', async () => {
    await fake.addFaults({ id: 'look', match: { action: 'CreateFleet' }, do: { fulfil: 0 } });
    await cloud().launch({
      ...REQUEST,
      placementGroup: 'pg-1',
      iamInstanceProfile: 'node-role',
      lifecycle: 'spot',
      allocationStrategy: 'price-capacity-optimized',
      overrides: [{ instanceType: 'c5.xlarge', subnetId: SUBNET_A, priority: 0, maxPrice: '0.15' }],
    });
    const [call] = await fake.callsOf('CreateFleet');
    expect(call?.['params']).toMatchObject({
      ClientToken: 'asbb-token',
      'TagSpecification.1.ResourceType': 'instance',
      'TagSpecification.2.ResourceType': 'volume',
      'TagSpecification.3.ResourceType': 'fleet',
      'TagSpecification.4.ResourceType': 'network-interface',
      'LaunchTemplateConfigs.1.Overrides.1.MaxPrice': '0.15',
      'LaunchTemplateConfigs.1.Overrides.1.IamInstanceProfile.Name': 'node-role',
      'LaunchTemplateConfigs.1.Overrides.1.Placement.GroupName': 'pg-1',
      'SpotOptions.MinTargetCapacity': '2',
      'SpotOptions.SingleAvailabilityZone': 'true',
    });
  });

  it.each([
    ['a lost reply', { execute: true, drop: 'after' }],
    ['a reply cut off', { execute: true, drop: 'mid-body' }],
    ['closed before a byte', { drop: 'before' }],
    ['HTML with 200', { garbage: 'html' }],
    ['nothing with 200', { garbage: 'empty' }],
    ['another root', { garbage: 'wrong-root' }],
    ['bytes that are no text', { garbage: 'bad-utf8' }],
    ['no reply in time', { delay_reply_ms: 3000 }],
  ] as const)('%s is an unknown outcome', async (name, deed) => {
    await rule('CreateFleet', deed);
    // Equal calls wait for each other: each of these is one of its own.
    const aws = 'delay_reply_ms' in deed ? { request_timeout: '1s' } : {};
    const answer = await cloud(aws).launch({ ...REQUEST, clientToken: `asbb-${name.length}` });
    expect(answer).toMatchObject({ kind: 'unknown' });
    expect(await fake.callsOf('CreateFleet')).toHaveLength(1);
  });

  it('F50: a connection that never stood is not unknown', async () => {
    const nobody = new Ec2Cloud(settingsFor('http://127.0.0.1:1'));
    expect(await nobody.launch(REQUEST)).toMatchObject({ kind: 'refused', code: 'NotSent' });
  });

  it.each(['InternalError', 'SomethingNew', 'UnauthorizedOperation'])(
    'hands on the code %s with its status',
    async (code) => {
      await rule('CreateFleet', { error: { code, status: 418, message: 'why' } });
      expect(await cloud().launch(REQUEST)).toEqual({
        kind: 'refused',
        code,
        status: 418,
        message: 'why',
      });
    },
  );
});

describe('listing', () => {
  async function launched(count: number): Promise<readonly string[]> {
    const answer = await cloud().launch({ ...REQUEST, count, allOrNothing: false });
    return answer.kind === 'answered' ? answer.instances.map(({ instanceId }) => instanceId) : [];
  }

  it('F30: all pages or a Fault', async () => {
    await launched(7);
    await rule('DescribeInstances', { page_size: 2 });
    const by = { by: 'cluster', cluster: 'hpc1' } as const;
    expect(await cloud().instances(by)).toHaveLength(7);
    await fake.removeFaults('DescribeInstances-all');
    await rule('DescribeInstances', { page_size: 2 }, 1);
    await rule('DescribeInstances', { error: { code: 'InternalError', status: 500 } });
    await expect(cloud().instances(by)).rejects.toThrow(Fault);
  });

  it('an instance that two pages show is one', async () => {
    await launched(4);
    await rule('DescribeInstances', { page_size: 2, repeat_page: true }, 1);
    const found = await cloud().instances({ by: 'cluster', cluster: 'hpc1' });
    expect(new Set(found.map(({ instanceId }) => instanceId)).size).toBe(4);
    expect(found).toHaveLength(4);
  });

  it('an answer of another kind is never an empty listing', async () => {
    await launched(1);
    for (const garbage of ['html', 'empty', 'wrong-root'] as const) {
      await rule('DescribeInstances', { garbage });
      const asked = cloud().instances({ by: 'cluster', cluster: 'hpc1' });
      await expect(asked).rejects.toMatchObject({ exitCode: EXIT.tryAgain });
      await fake.removeFaults('DescribeInstances-all');
    }
  });

  it('by ids: the unknown ones are left out, 300 are asked in two calls', async () => {
    const ids = await launched(300);
    const found = await cloud().instances({ by: 'ids', ids: [...ids, 'i-00000000000000000'] });
    expect(found).toHaveLength(300);
    // One that a loaded machine answers late is asked again, in the same words.
    const calls = await fake.callsOf('DescribeInstances');
    expect(new Set(calls.map(({ params }) => JSON.stringify(params))).size).toBe(2);
  });

  it('by intents, by nodes, with everything that cost and truth need', async () => {
    const [id = ''] = await launched(1);
    await cloud().tag([id], { Name: 'aws-cpu-001' });
    const [found] = await cloud().instances({ by: 'intents', cluster: 'hpc1', intentIds: [7, 8] });
    const byNode = await cloud().instances({
      by: 'nodes',
      cluster: 'hpc1',
      nodes: ['aws-cpu-001'],
    });
    expect(byNode.map(({ instanceId }) => instanceId)).toEqual([id]);
    expect(found).toMatchObject({
      instanceId: id,
      state: 'pending',
      zone: 'us-east-1a',
      lifecycle: 'on-demand',
      launchS: 1_795_262_400,
      privateIp: expect.stringMatching(/^10\.0\./),
      privateDnsName: expect.stringContaining('ip-10-0'),
      tags: { 'asbb:cluster': 'hpc1', Name: 'aws-cpu-001' },
    });
    expect(await cloud().instances({ by: 'intent', cluster: 'other', intentId: 7 })).toEqual([]);
  });

  it('reading calls are repeated by the SDK as often as configured', async () => {
    await rule('DescribeInstances', { error: { code: 'RequestLimitExceeded', status: 503 } });
    const asked = cloud({ retry_max_attempts: 2 }).instances({ by: 'cluster', cluster: 'hpc1' });
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.tryAgain });
    expect(await fake.callsOf('DescribeInstances')).toHaveLength(2);
  });

  it('F47: tells the time of EC2’s own clock', async () => {
    const asking = cloud();
    expect(asking.serverTimeS()).toBeUndefined();
    await asking.instances({ by: 'cluster', cluster: 'hpc1' });
    expect(asking.serverTimeS()).toBe(1_795_262_400);
  });
});

describe('terminate', () => {
  async function three(): Promise<readonly string[]> {
    const answer = await cloud().launch({ ...REQUEST, count: 3 });
    return answer.kind === 'answered' ? answer.instances.map(({ instanceId }) => instanceId) : [];
  }

  it('tells the state before; twice is no failure', async () => {
    const ids = await three();
    const first = await cloud().terminate(ids);
    expect(first.terminated.map(({ previousState }) => previousState)).toEqual([
      'pending',
      'pending',
      'pending',
    ]);
    expect(await cloud().terminate(ids)).toMatchObject({ unknown: [], failed: [] });
  });

  it('F25: a bad id among 200 costs only itself, wherever it stands', async () => {
    const answer = await cloud().launch({ ...REQUEST, count: 200 });
    const ids = answer.kind === 'answered' ? answer.instances.map((each) => each.instanceId) : [];
    const bad = ['i-0123456789abcdef0', 'i-0123456789abcdef1'];
    const mixed = [...ids.slice(0, 77), ...bad, ...ids.slice(77)];
    const result = await cloud().terminate(mixed);
    expect(result.terminated).toHaveLength(200);
    expect(result.unknown.toSorted()).toEqual(bad);
    expect((await fake.callsOf('TerminateInstances')).length).toBeLessThan(20);
  });

  it('F26: a protected one is found by halves, the others go', async () => {
    const ids = await three();
    await fake.external({ protect: ids[1] ?? '' });
    const result = await cloud().terminate(ids);
    expect(result.failed).toEqual([{ instanceId: ids[1], code: 'OperationNotPermitted' }]);
    expect(result.terminated).toHaveLength(2);
  });

  it('is never a Fault: what failed is told', async () => {
    const ids = await three();
    await rule('TerminateInstances', { error: { code: 'UnauthorizedOperation', status: 403 } });
    expect((await cloud().terminate(ids)).failed).toEqual(
      ids.map((instanceId) => ({ instanceId, code: 'UnauthorizedOperation' })),
    );
  });

  it('an answer that names not all of them is none', async () => {
    const ids = await three();
    await rule('TerminateInstances', { garbage: 'wrong-root' });
    expect((await cloud().terminate(ids)).failed).toHaveLength(3);
  });
});

describe('the rest', () => {
  it('placement groups: made once, ours again is no failure, another’s is', async () => {
    const asking = cloud();
    const tags = { 'asbb:cluster': 'hpc1' };
    expect(await asking.createPlacementGroup('pg', 'cluster', tags)).toBeUndefined();
    expect(await asking.createPlacementGroup('pg', 'cluster', tags)).toBeUndefined();
    expect(await asking.createPlacementGroup('pg', 'spread', tags)).toMatchObject({
      code: 'InvalidPlacementGroup.Duplicate',
    });
    expect(
      await asking.createPlacementGroup('pg', 'cluster', { 'asbb:cluster': 'other' }),
    ).toMatchObject({ code: 'InvalidPlacementGroup.Duplicate' });
    expect((await asking.placementGroups('hpc1')).map(({ name }) => name)).toEqual(['pg']);
    await asking.launch({ ...REQUEST, placementGroup: 'pg' });
    expect(await asking.deletePlacementGroup('pg')).toBe(false);
    expect(await asking.deletePlacementGroup('never')).toBe(true);
  });

  it('templates: $Latest, $Default and a name become an id and a number', async () => {
    const expected = { id: 'lt-0a11ce00000000001', version: '1', hasEfa: false };
    expect(await cloud().launchTemplate('asbb-node', '', '$Latest')).toEqual(expected);
    expect(await cloud().launchTemplate('', expected.id, '$Default')).toEqual(expected);
    const gone = await cloud().launchTemplate('', expected.id, '9');
    expect(isCloudRefusal(gone) ? gone.code : '').toBe('InvalidLaunchTemplateId.VersionNotFound');
  });

  it('4.7: what types can do, by name and by pattern; an unknown name fails nothing', async () => {
    const facts = await cloud().instanceTypes(['c5n.*', 'c5.xlarge', 'zz9.huge']);
    const c5n = facts.find(({ instanceType }) => instanceType === 'c5n.18xlarge');
    expect(facts.map(({ instanceType }) => instanceType).toSorted()).toEqual([
      'c5.xlarge',
      'c5n.18xlarge',
    ]);
    expect(c5n).toEqual({
      instanceType: 'c5n.18xlarge',
      vcpus: 72,
      cores: 36,
      mib: 196_608,
      gpus: [],
      efaInterfaces: 1,
      usageClasses: ['on-demand', 'spot'],
      strategies: ['cluster', 'partition', 'spread'],
      architectures: ['x86_64'],
      bareMetal: false,
      currentGeneration: true,
    });
    const many = Array.from({ length: 250 }, (_, at) => `x${at}.large`);
    expect(await cloud().instanceTypes([...many, 'c5.xlarge'])).toHaveLength(1);
  });

  it('subnets, offerings, spot prices', async () => {
    const subnets = await cloud().subnets([SUBNET_A, SUBNET_B]);
    expect(isCloudRefusal(subnets) ? [] : subnets.map(({ zone }) => zone).toSorted()).toEqual([
      'us-east-1a',
      'us-east-1b',
    ]);
    expect(await cloud().subnets(['subnet-00000000000000009'])).toMatchObject({
      code: 'InvalidSubnetID.NotFound',
    });
    const offerings = await cloud().offerings(['c5.xlarge']);
    expect(offerings.map(({ zone }) => zone).toSorted()).toEqual(['us-east-1a', 'us-east-1b']);
    const now = 1_795_262_400;
    await fake.price('c5.xlarge', 'us-east-1a', 900_000_000);
    const prices = await cloud().spotPrices(['c5.xlarge'], ['us-east-1a'], now - 60, now);
    expect(prices.map(({ rate }) => String(rate))).toEqual(['681000000', '900000000']);
  });

  it('spot requests: when EC2 took an instance back; forgotten ones are left out', async () => {
    await cloud().launch({
      ...REQUEST,
      lifecycle: 'spot',
      count: 1,
      allocationStrategy: 'lowest-price',
    });
    const [instance] = await cloud().instances({ by: 'cluster', cluster: 'hpc1' });
    await fake.advance(60);
    await fake.interrupt(instance?.instanceId ?? '', 10);
    await fake.advance(30);
    const ids = [instance?.spotRequestId ?? '', 'sir-00000009'];
    expect(await cloud().spotRequests(ids)).toMatchObject([
      {
        instanceId: instance?.instanceId,
        statusCode: 'instance-terminated-no-capacity',
        statusUpdatedS: 1_795_262_400 + 70,
      },
    ]);
  });
});
