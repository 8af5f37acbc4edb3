import {
  CreateFleetCommand,
  type CreateFleetCommandInput,
  type CreateFleetCommandOutput,
  type FleetLaunchTemplateOverridesRequest,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { client, SUBNET_A, SUBNET_A2, SUBNET_B, SUBNET_C, TEMPLATE, WORLD } from './fixture.ts';
import { FLEET_TABLE, type FleetPool, type FleetRow, type PoolName } from './fleet-table.ts';

const ICE = 'InsufficientInstanceCapacity';
const TYPES = { L: 'c5.large', X: 'c5.xlarge', 2: 'c5.2xlarge' } as const;
const SUBNETS = { a: SUBNET_A, b: SUBNET_B, c: SUBNET_C } as const;

let fake: FakeEc2;

beforeAll(async () => {
  fake = await startFakeEc2(WORLD);
});

afterAll(async () => {
  await fake.stop();
});

function place(pool: PoolName) {
  return {
    type: TYPES[pool.charAt(0) as keyof typeof TYPES],
    subnet: SUBNETS[pool.charAt(1) as keyof typeof SUBNETS],
    az: `us-east-1${pool.charAt(1)}`,
  };
}

function poolOf(type: string | undefined, subnet: string | undefined): string {
  const size = Object.entries(TYPES).find(([, name]) => name === type)?.[0] ?? '?';
  const zone = Object.entries(SUBNETS).find(([, id]) => id === subnet)?.[0] ?? '?';
  return `${size}${zone}`;
}

function override(pool: FleetPool): FleetLaunchTemplateOverridesRequest {
  const { type, subnet } = place(pool.name);
  return {
    InstanceType: type,
    SubnetId: subnet,
    Priority: pool.priority,
    MaxPrice: pool.maxPrice,
    WeightedCapacity: pool.weight,
  };
}

function requestOf(row: Omit<FleetRow, 'name' | 'gets' | 'errors'>) {
  const options = {
    AllocationStrategy: row.strategy,
    SingleAvailabilityZone: row.isSingleZone,
    SingleInstanceType: row.isSingleType,
    MinTargetCapacity: row.min,
  };
  return {
    Type: 'instant',
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '1' },
        Overrides: row.pools.map(override),
      },
    ],
    TargetCapacitySpecification: {
      TotalTargetCapacity: row.target,
      DefaultTargetCapacityType: row.market,
    },
    [row.market === 'spot' ? 'SpotOptions' : 'OnDemandOptions']: options,
  } satisfies CreateFleetCommandInput;
}

function counted(pools: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const pool of pools) {
    counts[pool] = (counts[pool] ?? 0) + 1;
  }
  return counts;
}

function answered(answer: CreateFleetCommandOutput): Readonly<Record<string, number>> {
  return counted(
    (answer.Instances ?? []).flatMap((group) => {
      const tried = group.LaunchTemplateAndOverrides?.Overrides;
      return (group.InstanceIds ?? []).map(() => poolOf(group.InstanceType, tried?.SubnetId));
    }),
  );
}

function errorsOf(answer: CreateFleetCommandOutput): readonly string[] {
  return (answer.Errors ?? []).map((error) => {
    const tried = error.LaunchTemplateAndOverrides?.Overrides;
    return tried === undefined
      ? `${error.ErrorCode}`
      : `${error.ErrorCode} ${poolOf(tried.InstanceType, tried.SubnetId)}`;
  });
}

describe('the table', () => {
  beforeEach(async () => {
    await fake.reset();
  });

  it('has at least 60 rows with different names', () => {
    expect(new Set(FLEET_TABLE.map((row) => row.name)).size).toBe(FLEET_TABLE.length);
    expect(FLEET_TABLE.length).toBeGreaterThanOrEqual(60);
  });

  it.each(FLEET_TABLE)('$name', async (row) => {
    for (const { name, capacity: set } of row.pools) {
      const { type, az } = place(name);
      if (set !== undefined) {
        await fake.capacity({ type, az, market: row.market, set });
      }
    }
    const answer = await client(fake).send(new CreateFleetCommand(requestOf(row)));
    const isEmpty = Object.keys(row.gets).length === 0;
    expect(answered(answer)).toEqual(row.gets);
    expect(errorsOf(answer)).toEqual([
      ...row.errors,
      ...(isEmpty ? ['UnfulfillableCapacity'] : []),
    ]);
    expect(answer.FleetId).toMatch(/^fleet-/);
    // State, journal and bill say the same.
    await fake.advance(3600);
    const { instances } = await fake.state();
    expect(counted(instances.map((i) => poolOf(i.type, i.subnet)))).toEqual(row.gets);
    expect(await fake.launched()).toHaveLength(instances.length);
    const billed = new Set((await fake.bill()).lines.map((line) => line.instance));
    expect(billed.size).toBe(instances.length);
  });
});

describe('both markets in one fleet', () => {
  function mixed(min: { readonly spot?: number; readonly demand?: number }) {
    return {
      Type: 'instant',
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '1' },
          Overrides: [{ InstanceType: 'c5.large', SubnetId: SUBNET_A }],
        },
      ],
      TargetCapacitySpecification: {
        TotalTargetCapacity: 10,
        OnDemandTargetCapacity: 3,
        DefaultTargetCapacityType: 'spot',
      },
      SpotOptions: {
        SingleAvailabilityZone: true,
        ...(min.spot && { MinTargetCapacity: min.spot }),
      },
      OnDemandOptions: {
        SingleAvailabilityZone: true,
        ...(min.demand && { MinTargetCapacity: min.demand }),
      },
    } satisfies CreateFleetCommandInput;
  }

  beforeEach(async () => {
    await fake.reset();
  });

  it('splits the target', async () => {
    const answer = await client(fake).send(new CreateFleetCommand(mixed({})));
    expect(answer.Instances?.map((g) => [g.Lifecycle, g.InstanceIds?.length])).toEqual([
      ['on-demand', 3],
      ['spot', 7],
    ]);
  });

  it('holds each minimum for its own part', async () => {
    await fake.capacity({ type: 'c5.large', az: 'us-east-1a', market: 'spot', set: 6 });
    const answer = await client(fake).send(new CreateFleetCommand(mixed({ spot: 7, demand: 3 })));
    expect(answer.Instances?.map((g) => [g.Lifecycle, g.InstanceIds?.length])).toEqual([
      ['on-demand', 3],
    ]);
    expect(answer.Errors?.map((e) => [e.Lifecycle, e.ErrorCode])).toEqual([['spot', ICE]]);
  });
});

describe('what else a fleet meets', () => {
  beforeEach(async () => {
    await fake.reset();
  });

  function pool(name: PoolName): FleetPool {
    return {
      name,
      capacity: undefined,
      priority: undefined,
      maxPrice: undefined,
      weight: undefined,
    };
  }
  const row = {
    market: 'on-demand',
    strategy: 'lowest-price',
    pools: [pool('La'), pool('Lb')],
    target: 3,
    isSingleZone: false,
    isSingleType: false,
    min: undefined,
  } as const;

  it('refuses two subnets of one zone under SingleAvailabilityZone', async () => {
    const input = requestOf({ ...row, isSingleZone: true });
    input.LaunchTemplateConfigs?.[0]?.Overrides?.push({ SubnetId: SUBNET_A2 });
    await expect(client(fake).send(new CreateFleetCommand(input))).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidFleetConfiguration' }),
    );
  });

  it('says in the errors that the account limit is reached, and keeps to it over all pools', async () => {
    await fake.world({ limits: { vcpu_on_demand: 5 } });
    const answer = await client(fake).send(new CreateFleetCommand(requestOf(row)));
    expect(answered(answer)).toEqual({ La: 2 });
    expect(errorsOf(answer)).toEqual(['VcpuLimitExceeded La', 'VcpuLimitExceeded Lb']);
  });

  it('takes the resource bucket and reports its end in the errors', async () => {
    await fake.world({ throttle: { 'RunInstances.instances': { max: 2, refill: 1 } } });
    const first = await client(fake).send(new CreateFleetCommand(requestOf(row)));
    expect(answered(first)).toEqual({ La: 2 });
    expect(errorsOf(first)).toEqual(['RequestLimitExceeded La', 'RequestLimitExceeded Lb']);
    await fake.advance(1);
    const second = await client(fake).send(new CreateFleetCommand(requestOf(row)));
    expect(answered(second)).toEqual({ La: 1 });
  });

  it('gives back the tokens of what did not start', async () => {
    await fake.world({ throttle: { 'RunInstances.instances': { max: 4, refill: 0 } } });
    await fake.capacity({ type: 'c5.large', market: 'on-demand', set: 0 });
    const nothing = await client(fake).send(new CreateFleetCommand(requestOf(row)));
    expect(answered(nothing)).toEqual({});
    expect((await fake.buckets())['RunInstances.instances']?.tokens).toBe(4);
  });

  it('uses reservations first when told to', async () => {
    await fake.capacity({ type: 'c5.2xlarge', az: 'us-east-1a', market: 'on-demand', set: 1 });
    const input = requestOf({ ...row, pools: [pool('2a')], target: 5 });
    const plain = await client(fake).send(new CreateFleetCommand(input));
    expect(answered(plain)).toEqual({ '2a': 1 });
    const reserved = await client(fake).send(
      new CreateFleetCommand({
        ...input,
        OnDemandOptions: {
          CapacityReservationOptions: { UsageStrategy: 'use-capacity-reservations-first' },
        },
      }),
    );
    expect(answered(reserved)).toEqual({ '2a': 4 });
  });

  it('keeps a cluster group to one zone and its size', async () => {
    await fake.world({
      groups: { spread_per_az: 7, cluster_capacity: { 'c5.large': 2 } },
      placement_groups: [{ name: 'tight', strategy: 'cluster' }],
    });
    const grouped = requestOf(row);
    for (const o of grouped.LaunchTemplateConfigs?.[0]?.Overrides ?? []) {
      o.Placement = { GroupName: 'tight' };
    }
    const answer = await client(fake).send(new CreateFleetCommand(grouped));
    expect(answered(answer)).toEqual({ La: 2 });
    expect(errorsOf(answer)).toEqual([`${ICE} La`, `${ICE} Lb`]);
  });

  it('keeps a spread group to seven in a zone', async () => {
    await fake.world({ placement_groups: [{ name: 'wide', strategy: 'spread' }] });
    const grouped = requestOf({ ...row, target: 20 });
    for (const o of grouped.LaunchTemplateConfigs?.[0]?.Overrides ?? []) {
      o.Placement = { GroupName: 'wide' };
    }
    const answer = await client(fake).send(new CreateFleetCommand(grouped));
    expect(answered(answer)).toEqual({ La: 7, Lb: 7 });
  });
});
