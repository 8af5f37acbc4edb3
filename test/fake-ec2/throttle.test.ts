import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { call, IMAGE, SUBNET_A, TEMPLATE, WORLD } from './fixture.ts';

// Buckets of fake-ec2.md section 6, by the virtual clock.

let fake: FakeEc2;

beforeAll(async () => {
  fake = await startFakeEc2({ ...WORLD, default_capacity: 5000, throttle: 'real' });
});

afterAll(async () => {
  await fake.stop();
});

beforeEach(async () => {
  await fake.reset();
});

async function run(count: number): Promise<string> {
  const params = { MinCount: '1', ImageId: IMAGE, InstanceType: 'c5.large', SubnetId: SUBNET_A };
  return (await call(fake, 'RunInstances', { ...params, MaxCount: String(count) })).code;
}

async function codes(times: number, act: () => Promise<string>): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let i = 0; i < times; i += 1) {
    seen.push(await act());
  }
  return seen;
}

const LIMIT = 'RequestLimitExceeded';

it('lets five RunInstances pass at once, not the sixth, and one more after half a second', async () => {
  expect(await codes(6, () => run(1))).toEqual(['', '', '', '', '', LIMIT]);
  await fake.advance(0.5);
  expect(await codes(2, () => run(1))).toEqual(['', LIMIT]);
});

it('refuses 1,001 instances whole, and refills by two a second', async () => {
  expect(await run(1001)).toBe(LIMIT);
  expect(await run(1000)).toBe('');
  expect(await run(1)).toBe(LIMIT);
  await fake.advance(1);
  expect(await run(3)).toBe(LIMIT);
  expect(await run(2)).toBe('');
  expect(await fake.launched()).toHaveLength(1002);
});

it('makes a call pay that fails otherwise', async () => {
  function wrong() {
    return call(fake, 'RunInstances', { Nonsense: '1' }).then((a) => a.code);
  }
  expect(await codes(6, wrong)).toEqual([...Array(5).fill('UnknownParameter'), LIMIT]);
});

it('has a smaller bucket for describing without filter and pages', async () => {
  function plain() {
    return call(fake, 'DescribeInstances').then((a) => a.code);
  }
  function paged() {
    return call(fake, 'DescribeInstances', { MaxResults: '5' }).then((a) => a.code);
  }
  expect((await codes(51, plain)).filter((code) => code === LIMIT)).toHaveLength(1);
  expect((await codes(101, paged)).filter((code) => code === LIMIT)).toHaveLength(1);
});

it('answers 503 and counts one bucket an action', async () => {
  function group(i: number) {
    return call(fake, 'DeletePlacementGroup', { GroupName: `g${i}` });
  }
  const seen = await codes(51, () => group(0).then((a) => String(a.status)));
  expect(seen.at(-1)).toBe('503');
  const other = await call(fake, 'CreatePlacementGroup', { GroupName: 'g' });
  expect(other.status).toBe(200);
});

it('takes instances of CreateFleet from the bucket of RunInstances', async () => {
  const params = {
    Type: 'instant',
    'LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId': TEMPLATE,
    'LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version': '1',
    'LaunchTemplateConfigs.1.Overrides.1.SubnetId': SUBNET_A,
    'TargetCapacitySpecification.TotalTargetCapacity': '1500',
  };
  const answer = await call(fake, 'CreateFleet', params);
  expect(answer.text).toContain('<errorCode>RequestLimitExceeded</errorCode>');
  expect(await fake.launched()).toHaveLength(1000);
  expect(await run(1)).toBe(LIMIT);
});

it('shrinks everything by a factor', async () => {
  await fake.world({ throttle: 'x0.1' });
  expect(await run(101)).toBe(LIMIT);
  await fake.advance(10);
  expect(await run(100)).toBe('');
  expect((await fake.buckets())['RunInstances.instances']).toEqual({
    tokens: 0,
    max: 100,
    refill: 0.2,
  });
});

it('takes single buckets from the world', async () => {
  await fake.world({ throttle: { 'CreateTags.requests': { max: 1, refill: 0.1 } } });
  function tag() {
    return call(fake, 'CreateTags', { 'ResourceId.1': 'pg-0', 'Tag.1.Key': 'a' }).then(
      (a) => a.code,
    );
  }
  expect(await codes(2, tag)).toEqual(['InvalidPlacementGroup.Unknown', LIMIT]);
});

it('is off by default', async () => {
  await fake.world({ throttle: 'off' });
  expect((await codes(20, () => run(1))).every((code) => code === '')).toBe(true);
});
