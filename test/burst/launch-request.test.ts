import { describe, expect, it } from 'vitest';
import { OWN_TAGS_MAX } from '../../src/core/burst/tags.ts';
import {
  BLOCKS,
  callsOf,
  launched,
  OVERRIDES,
  reservation,
  siteWith,
  TARGET,
  TYPES,
  withoutTags,
} from './support/one-group.ts';
import { nodeNames, SUBNET_A, WORLD } from './support/site.ts';

// What CreateFleet is asked, word by word (burst.md 5.2).

it('5.5: as many tags as a node group may have are not too many for EC2, with the names of the nodes', async () => {
  const tags = Array.from({ length: OWN_TAGS_MAX }, (_, n) => ({ key: `k${n}`, value: 'v' }));
  const site = await siteWith({ tags });
  await launched(site, 1);
  const [instance] = await site.fake.live();
  expect(Object.keys(instance?.tags ?? {}).filter((key) => !key.startsWith('aws:'))).toHaveLength(
    50,
  );
});

describe('5.2: CreateFleet', () => {
  it('an on-demand gang: every field', async () => {
    const site = await siteWith({
      launch_template_overrides: TYPES,
      iam_instance_profile: 'arn:aws:iam::111122223333:instance-profile/node',
      placement_group: 'cluster',
    });
    const [call] = await launched(site, 3);
    expect(withoutTags(call)).toEqual({
      Type: 'instant',
      ClientToken: expect.stringMatching(/^asbb-[0-9a-f]{40}$/),
      'LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId':
        'lt-0a11ce00000000001',
      'LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version': '1',
      [`${OVERRIDES}.1.InstanceType`]: 'c5.xlarge',
      [`${OVERRIDES}.1.SubnetId`]: SUBNET_A,
      [`${OVERRIDES}.1.Priority`]: '0',
      [`${OVERRIDES}.1.Placement.GroupName`]: 'asbb-hpc1-100-1',
      [`${OVERRIDES}.1.IamInstanceProfile.Arn`]: 'arn:aws:iam::111122223333:instance-profile/node',
      [`${OVERRIDES}.2.InstanceType`]: 'c6i.xlarge',
      [`${OVERRIDES}.2.SubnetId`]: SUBNET_A,
      [`${OVERRIDES}.2.Priority`]: '1',
      [`${OVERRIDES}.2.Placement.GroupName`]: 'asbb-hpc1-100-1',
      [`${OVERRIDES}.2.IamInstanceProfile.Arn`]: 'arn:aws:iam::111122223333:instance-profile/node',
      [`${TARGET}.TotalTargetCapacity`]: '3',
      [`${TARGET}.DefaultTargetCapacityType`]: 'on-demand',
      'OnDemandOptions.AllocationStrategy': 'prioritized',
      'OnDemandOptions.SingleInstanceType': 'true',
      'OnDemandOptions.SingleAvailabilityZone': 'true',
      'OnDemandOptions.MinTargetCapacity': '3',
    });
  });

  it('5.5: the same tags on instance, volume, fleet and network interface', async () => {
    const site = await siteWith({ tags: [{ key: 'project', value: 'a;b' }] });
    const [call = {}] = await launched(site, 2);
    const specs = [1, 2, 3, 4].map((at) => {
      const own = Object.entries(call).filter(([name]) =>
        name.startsWith(`TagSpecification.${at}.`),
      );
      return Object.fromEntries(
        own.map(([name, value]) => [name.replace(/^TagSpecification\.\d\./, ''), value]),
      );
    });
    expect(specs.map((spec) => spec['ResourceType'])).toEqual([
      'instance',
      'volume',
      'fleet',
      'network-interface',
    ]);
    for (const spec of specs) {
      const keys = Object.keys(spec).filter((name) => name.endsWith('.Key'));
      const tags = keys.map((name) => [spec[name], spec[name.replace('.Key', '.Value')]] as const);
      expect(Object.fromEntries(tags)).toEqual({
        project: 'a_b',
        ManagedBy: 'asbb',
        'asbb:cluster': 'hpc1',
        'asbb:intent': '1',
        'asbb:attempt': '1',
        'asbb:job': '100',
        'asbb:hold': '1',
        'asbb:account': 'chem',
        'asbb:lifecycle': 'on-demand',
        Partition: 'aws',
        NodeGroup: 'aws-cpu',
        JobID: '100',
      });
    }
  });

  it('a spot gang: caps, strategy and total price as configured', async () => {
    const site = await siteWith({
      purchasing_option: 'spot',
      launch_template_overrides: TYPES,
      spot_options: {
        allocation_strategy: 'capacity-optimized-prioritized',
        max_total_price: '0.5',
      },
    });
    const [call] = await launched(site, 2);
    expect(call).toMatchObject({
      [`${OVERRIDES}.1.MaxPrice`]: '0.12',
      [`${TARGET}.DefaultTargetCapacityType`]: 'spot',
      'SpotOptions.AllocationStrategy': 'capacity-optimized-prioritized',
      'SpotOptions.InstanceInterruptionBehavior': 'terminate',
      'SpotOptions.MaxTotalPrice': '0.5',
      'SpotOptions.MinTargetCapacity': '2',
      'SpotOptions.SingleAvailabilityZone': 'true',
    });
    const names = Object.keys(call ?? {});
    expect(names.filter((name) => name.startsWith('OnDemandOptions'))).toEqual([]);
    expect(names).not.toContain(`${OVERRIDES}.2.MaxPrice`);
    expect(names.filter((name) => name.includes('SingleInstanceType'))).toEqual([]);
  });

  it('lowest-price: over so many pools as configured; other strategies know no such number', async () => {
    const options = { instance_pools_to_use_count: '2', allocation_strategy: 'lowest-price' };
    const lowest = await siteWith({ purchasing_option: 'spot', spot_options: options });
    const [call] = await launched(lowest, 1);
    expect(call).toMatchObject({ 'SpotOptions.InstancePoolsToUseCount': '2' });
    const other = await siteWith({
      purchasing_option: 'spot',
      spot_options: { ...options, allocation_strategy: 'diversified' },
    });
    const [without = {}] = await launched(other, 1);
    expect(Object.keys(without)).not.toContain('SpotOptions.InstancePoolsToUseCount');
  });

  it('a node of its own asks for no minimum and no single zone', async () => {
    const [call = {}] = await launched(await siteWith({}), 1);
    expect(Object.keys(call).filter((name) => /Single|MinTarget/.test(name))).toEqual([]);
  });

  it('capacity reservations come first when configured', async () => {
    const site = await siteWith(
      {
        on_demand_options: {
          allocation_strategy: 'lowest-price',
          capacity_reservation_usage: 'use-capacity-reservations-first',
        },
      },
      { ...WORLD, capacity_reservations: [reservation(2)] },
    );
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    const [call] = await launched(site, 2);
    expect(call).toMatchObject({
      'OnDemandOptions.AllocationStrategy': 'lowest-price',
      'OnDemandOptions.CapacityReservationOptions.UsageStrategy': 'use-capacity-reservations-first',
    });
    // Bound with no other capacity anywhere: they stand in the reservation.
  });

  it('5.4: mixed: floor(n × ratio) spot, the rest on-demand, in one call', async () => {
    const site = await siteWith({
      purchasing_option: 'mixed',
      spot_ratio: 0.7,
      launch_template_overrides: TYPES,
    });
    const [call, ...others] = await launched(site, 5);
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      [`${TARGET}.TotalTargetCapacity`]: '5',
      [`${TARGET}.OnDemandTargetCapacity`]: '2',
      [`${TARGET}.SpotTargetCapacity`]: '3',
      [`${TARGET}.DefaultTargetCapacityType`]: 'on-demand',
      [`${OVERRIDES}.1.MaxPrice`]: '0.12',
      'SpotOptions.AllocationStrategy': 'price-capacity-optimized',
      'SpotOptions.MinTargetCapacity': '3',
      'OnDemandOptions.AllocationStrategy': 'prioritized',
      'OnDemandOptions.MinTargetCapacity': '2',
    });
    expect(Object.values(call ?? {})).not.toContain('asbb:lifecycle');
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    const rates = fleet.instances.map(({ lifecycle, rate }) => `${lifecycle} ${rate}`);
    expect(rates.toSorted()).toEqual([
      'on-demand 1700000000',
      'on-demand 1700000000',
      'spot 681000000',
      'spot 681000000',
      'spot 681000000',
    ]);
  });

  it.each([
    ['the default of 0.5 of one node is none: on-demand alone', undefined, 1, 'on-demand'],
    ['a ratio of 1: spot alone', 1, 2, 'spot'],
    ['a ratio of 0: on-demand alone', 0, 2, 'on-demand'],
  ] as const)('5.4: mixed: %s', async (_name, ratio, nodes, kind) => {
    const more = ratio === undefined ? {} : { spot_ratio: ratio };
    const site = await siteWith({ purchasing_option: 'mixed', ...more });
    const [call = {}] = await launched(site, nodes);
    expect(call[`${TARGET}.DefaultTargetCapacityType`]).toBe(kind);
    expect(Object.keys(call)).not.toContain(`${TARGET}.SpotTargetCapacity`);
    expect(Object.values(call)).toContain('asbb:lifecycle');
  });

  it('5.4: mixed without spot capacity: compensated, then all on-demand', async () => {
    const site = await siteWith({ purchasing_option: 'mixed', spot_ratio: 0.5 });
    await site.fake.capacity({ type: 'c5.xlarge', market: 'spot', set: 0 });
    const calls = await launched(site, 4);
    expect(calls.map((call) => call[`${TARGET}.SpotTargetCapacity`] ?? 'none')).toEqual([
      '2',
      '2',
      'none',
    ]);
    const live = await site.fake.live();
    expect(live.map(({ market }) => market)).toEqual(Array.from({ length: 4 }, () => 'on-demand'));
    // The on-demand halves of the first two calls are gone: GANG-2.
    expect(await site.fake.launched()).toHaveLength(8);
  });

  it('5.4: capacity-block: as configured, no fallback', async () => {
    const site = await siteWith(
      { purchasing_option: 'capacity-block', subnet_ids: [SUBNET_A] },
      BLOCKS,
    );
    const [call] = await launched(site, 2);
    expect(call).toMatchObject({ [`${TARGET}.DefaultTargetCapacityType`]: 'capacity-block' });
    await site.fake.capacity({ type: 'c5.xlarge', market: 'capacity-block', set: 0 });
    const result = await site.start(await site.submit(), nodeNames('cpu', 3, 4));
    expect(result.gangs[0]?.cause?.code).toBe('InsufficientInstanceCapacity');
    expect(await callsOf(site, 'CreateFleet')).toHaveLength(2);
  });
});
