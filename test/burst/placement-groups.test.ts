import { describe, expect, it } from 'vitest';
import type { WorldInput } from '../fake-ec2/world.ts';
import { callsOf, launched, OVERRIDES, SUBNET_C, siteWith, TARGET } from './support/one-group.ts';
import { nodeNames, SUBNET_A, SUBNET_B, WORLD } from './support/site.ts';

describe('4.6: placement groups', () => {
  const three: WorldInput = {
    ...WORLD,
    zones: [...(WORLD.zones ?? []), { name: 'us-east-1c', id: 'use1-az3' }],
    subnets: [...(WORLD.subnets ?? []), { id: SUBNET_C, az: 'us-east-1c', cidr: '10.0.128.0/18' }],
  };
  const subnets = [SUBNET_A, SUBNET_B, SUBNET_C];

  it('partition: as many partitions as a zone has', async () => {
    const site = await siteWith({ placement_group: 'partition' });
    await launched(site, 2);
    expect(await callsOf(site, 'CreatePlacementGroup')).toMatchObject([
      { GroupName: 'asbb-hpc1-100-1', Strategy: 'partition', PartitionCount: '7' },
    ]);
  });

  it('spread: seven in a zone, one gang over three calls', async () => {
    const site = await siteWith({ placement_group: 'spread', subnet_ids: subnets }, three);
    const calls = await launched(site, 16);
    const shown = calls.map((call) => [
      call[`${TARGET}.TotalTargetCapacity`],
      call[`${OVERRIDES}.1.SubnetId`],
      call[`${OVERRIDES}.1.Placement.GroupName`],
    ]);
    expect(shown).toEqual([
      ['7', SUBNET_A, 'asbb-hpc1-100-1'],
      ['7', SUBNET_B, 'asbb-hpc1-100-1'],
      ['2', SUBNET_C, 'asbb-hpc1-100-1'],
    ]);
    expect(new Set(calls.map((call) => call['ClientToken'])).size).toBe(3);
  });

  it('spread: a zone without capacity leaves too few places: all of it goes again', async () => {
    const site = await siteWith({ placement_group: 'spread', subnet_ids: subnets }, three);
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1b', set: 0 });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 16));
    expect(result.gangs).toMatchObject([{ kind: 'aborted' }]);
    expect(await site.fake.live()).toEqual([]);
    // With fewer nodes the two other zones are enough.
    const job = await site.submit();
    const smaller = await site.start(job, nodeNames('cpu', 21, 34));
    expect(smaller.gangs).toMatchObject([{ kind: 'bound' }]);
  });

  it('spread: more nodes than 7 × AZs is refused, and EC2 is not asked', async () => {
    const site = await siteWith({ placement_group: 'spread' });
    const job = await site.submit();
    const result = await site.start(job, nodeNames('cpu', 1, 15));
    expect(result.gangs[0]?.cause).toMatchObject({
      code: 'SpreadTooLarge',
      as: 'plan',
      sentence: 'spread: at most 7 running instances per AZ per group (15 nodes > 7 × 2 AZs)',
    });
    expect(await callsOf(site, 'CreateFleet')).toEqual([]);
    expect(job.isHeld).toBe(true);
  });
});
