import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { call, IMAGE, SUBNET_A, SUBNET_B, TEMPLATE, WORLD } from './fixture.ts';
import { newStreams, uniform } from './random.ts';

// Same world, faults, seed and requests: the same journal but for t_real.

const CALLS = 1000;
const FAULTS = [
  { id: 'lost', match: { action: 'RunInstances', p: 0.1 }, do: { execute: true, drop: 'after' } },
  {
    id: 'busy',
    match: { action: 'Describe*', p: 0.1 },
    do: { error: { code: 'RequestLimitExceeded' } },
  },
  { id: 'mixed', match: { action: 'Describe*', p: 0.2 }, do: { shuffle: true, page_size: 3 } },
] as const;

let fakes: FakeEc2[] = [];

beforeAll(async () => {
  const world = {
    ...WORLD,
    throttle: 'real' as const,
    default_capacity: 40,
    boot: { running: ['/bin/echo', 'up', '{node}'], gone: ['/bin/echo', 'down'], node_tag: 'Name' },
  };
  fakes = await Promise.all([7, 7, 8].map((seed) => startFakeEc2(world, { seed, faults: FAULTS })));
});

afterAll(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
});

type Step = (fake: FakeEc2, ids: readonly string[], i: number) => Promise<unknown>;

function launchParams(i: number): Record<string, string> {
  return {
    MinCount: '1',
    MaxCount: String(1 + (i % 3)),
    ImageId: IMAGE,
    InstanceType: i % 2 === 0 ? 'c5.large' : 'c5.xlarge',
    SubnetId: i % 5 === 0 ? SUBNET_B : SUBNET_A,
    ClientToken: `token-${i % 150}`,
    ...(i % 4 === 0 ? { 'InstanceMarketOptions.MarketType': 'spot' } : {}),
  };
}

const STEPS: readonly Step[] = [
  (fake, _ids, i) => call(fake, 'RunInstances', launchParams(i)),
  (fake, _ids, i) =>
    call(fake, 'CreateFleet', {
      Type: 'instant',
      'LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId': TEMPLATE,
      'LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version': '$Latest',
      'LaunchTemplateConfigs.1.Overrides.1.SubnetId': SUBNET_A,
      'LaunchTemplateConfigs.1.Overrides.2.SubnetId': SUBNET_B,
      'TargetCapacitySpecification.TotalTargetCapacity': String(1 + (i % 4)),
      'TargetCapacitySpecification.DefaultTargetCapacityType': i % 2 === 0 ? 'spot' : 'on-demand',
    }),
  (fake, ids, i) => call(fake, 'TerminateInstances', { 'InstanceId.1': ids[i % ids.length] ?? '' }),
  (fake, ids, i) =>
    call(fake, 'CreateTags', {
      'ResourceId.1': ids[i % ids.length] ?? '',
      'Tag.1.Key': 'Name',
      'Tag.1.Value': `node-${i}`,
    }),
  (fake) => call(fake, 'DescribeInstances', { MaxResults: '10' }),
  (fake) => call(fake, 'DescribeSpotPriceHistory'),
  (fake, _ids, i) => fake.advance((i * 37) % 90),
  (fake, _ids, i) => fake.price('c5.large', 'us-east-1a', 300_000_000 + i * 1000),
];

async function play(fake: FakeEc2, calls: number): Promise<readonly string[]> {
  const choice = newStreams(99);
  for (let i = 0; i < calls; i += 1) {
    const ids = i % 25 === 0 || i < 10 ? await fake.launched() : (known.get(fake) ?? []);
    known.set(fake, ids);
    const step = STEPS[Math.floor(uniform(choice, 'step') * STEPS.length)];
    // A dropped reply is part of the script.
    await step?.(fake, ids, i).catch(() => undefined);
  }
  await fake.advance(100_000);
  const journal = await fake.journal();
  return journal.map((entry) => JSON.stringify({ ...entry, t_real: 0 }));
}

const known = new WeakMap<FakeEc2, readonly string[]>();

it('repeats a script of a thousand calls exactly', async () => {
  const [one, two, third] = fakes;
  if (one === undefined || two === undefined || third === undefined) {
    throw new Error('three fakes are needed');
  }
  const [first, second] = await Promise.all([play(one, CALLS), play(two, CALLS)]);
  expect(first.length).toBeGreaterThan(CALLS);
  expect(second).toEqual(first);
  // Another seed goes another way at once.
  const other = await play(third, 20);
  expect(other.slice(0, 20)).not.toEqual(first.slice(0, 20));
});

it('exercised what it claims to', async () => {
  const [fake] = fakes;
  const kinds = new Set((await fake?.journal())?.map((entry) => entry.kind));
  expect(kinds).toEqual(new Set(['request', 'response', 'effect', 'fault', 'boot', 'bill']));
  await fake?.requireFaultsFired();
  expect(await fake?.terminatedBy('tag-wait')).not.toEqual([]);
});
