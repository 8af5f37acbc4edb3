import { describe, expect, it } from 'vitest';
import {
  BLOCKS,
  launched,
  reservation,
  siteWith,
  TYPES,
  withoutTags,
} from './support/one-group.ts';
import { SUBNET_A, WORLD } from './support/site.ts';

// What RunInstances is asked, word by word (burst.md 5.2).

describe('5.2: RunInstances', () => {
  it('a gang: MinCount is MaxCount, one type and subnet, security groups of our own', async () => {
    const site = await siteWith({
      api: 'run-instances',
      launch_template_overrides: TYPES,
      iam_instance_profile: 'node',
      placement_group: 'cluster',
    });
    const [call] = await launched(site, 3);
    expect(withoutTags(call)).toEqual({
      ClientToken: expect.stringMatching(/^asbb-[0-9a-f]{40}$/),
      MinCount: '3',
      MaxCount: '3',
      'LaunchTemplate.LaunchTemplateId': 'lt-0a11ce00000000001',
      'LaunchTemplate.Version': '1',
      InstanceType: 'c5.xlarge',
      SubnetId: SUBNET_A,
      'SecurityGroupId.1': 'sg-0a11ce00000000001',
      'IamInstanceProfile.Name': 'node',
      'Placement.GroupName': 'asbb-hpc1-100-1',
    });
    const resources = Object.entries(call ?? {}).filter(([name]) => name.endsWith('.ResourceType'));
    expect(resources.map(([, value]) => value)).toEqual([
      'instance',
      'volume',
      'network-interface',
    ]);
  });

  it('spot: one-time, terminated when interrupted, with its cap', async () => {
    const site = await siteWith({
      api: 'run-instances',
      purchasing_option: 'spot',
      launch_template_overrides: TYPES,
    });
    const [call] = await launched(site, 1);
    expect(call).toMatchObject({
      MinCount: '1',
      MaxCount: '1',
      'InstanceMarketOptions.MarketType': 'spot',
      'InstanceMarketOptions.SpotOptions.MaxPrice': '0.12',
      'InstanceMarketOptions.SpotOptions.SpotInstanceType': 'one-time',
      'InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior': 'terminate',
    });
  });

  it('capacity reservations: open ones are drawn on', async () => {
    const site = await siteWith(
      {
        api: 'run-instances',
        on_demand_options: { capacity_reservation_usage: 'use-capacity-reservations-first' },
      },
      { ...WORLD, capacity_reservations: [reservation(2)] },
    );
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    const [call] = await launched(site, 2);
    expect(call).toMatchObject({
      'CapacityReservationSpecification.CapacityReservationPreference': 'open',
    });
  });

  it('5.4: mixed is two calls of one gang: spot, and on-demand', async () => {
    const site = await siteWith({
      api: 'run-instances',
      purchasing_option: 'mixed',
      spot_ratio: 0.4,
    });
    const calls = await launched(site, 5);
    const shown = calls.map((call) => [call['MaxCount'], call['InstanceMarketOptions.MarketType']]);
    expect(shown).toEqual([
      ['2', 'spot'],
      ['3', undefined],
    ]);
    const lifecycles = (await site.fake.live()).map(({ tags }) => tags['asbb:lifecycle']);
    expect(lifecycles.toSorted()).toEqual(['on-demand', 'on-demand', 'on-demand', 'spot', 'spot']);
    expect(new Set(calls.map((call) => call['ClientToken'])).size).toBe(2);
  });

  it('capacity-block: the block that the launch template names', async () => {
    const site = await siteWith(
      { api: 'run-instances', purchasing_option: 'capacity-block' },
      BLOCKS,
    );
    const [call = {}] = await launched(site, 1);
    expect(call['InstanceMarketOptions.MarketType']).toBe('capacity-block');
    expect(Object.keys(call).filter((name) => name.includes('SpotOptions'))).toEqual([]);
  });
});
