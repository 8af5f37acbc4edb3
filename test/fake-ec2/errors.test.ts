import {
  CreateLaunchTemplateCommand,
  CreatePlacementGroupCommand,
  CreateTagsCommand,
  DeletePlacementGroupCommand,
  DescribeInstancesCommand,
  type EC2Client,
  type EC2ServiceException,
  RebootInstancesCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import {
  client,
  codeOf,
  EFA_TEMPLATE,
  IMAGE,
  runInput,
  SUBNET_A,
  SUBNET_B,
  SUBNET_C,
  WORLD,
} from './fixture.ts';

// Each error code of fake-ec2.md section 4 by its natural cause.

let fake: FakeEc2;
let ec2: EC2Client;

beforeAll(async () => {
  fake = await startFakeEc2(WORLD);
  ec2 = client(fake);
});

afterAll(async () => {
  await fake.stop();
});

beforeEach(async () => {
  await fake.reset();
});

type Run = Partial<RunInstancesCommandInput>;

function run(more: Run = {}): Promise<unknown> {
  return ec2.send(new RunInstancesCommand(runInput(more)));
}

async function launched(more: Run = {}): Promise<string> {
  await run(more);
  return (await fake.launched()).at(-1) ?? '';
}

function spot(price?: string): Run {
  return {
    InstanceMarketOptions: {
      MarketType: 'spot',
      ...(price === undefined ? {} : { SpotOptions: { MaxPrice: price } }),
    },
  };
}

const NO_INSTANCE = 'i-00000000000000000';

/** code → what a client does to see it. */
const NATURAL: readonly (readonly [code: string, how: string, act: () => Promise<unknown>])[] = [
  [
    'InsufficientInstanceCapacity',
    'pool empty',
    async () => {
      await fake.capacity({ type: 'c5.large', az: 'us-east-1a', set: 1 });
      await run({ MinCount: 2, MaxCount: 4 });
    },
  ],
  [
    'InstanceLimitExceeded',
    'world limit',
    async () => {
      await fake.world({ limits: { instances: 1 } });
      await run({ MinCount: 2, MaxCount: 2 });
    },
  ],
  [
    'VcpuLimitExceeded',
    'world limit',
    async () => {
      await fake.world({ limits: { vcpu_on_demand: 3 } });
      await run({ MinCount: 2, MaxCount: 2 });
    },
  ],
  [
    'MaxSpotInstanceCountExceeded',
    'world limit',
    async () => {
      await fake.world({ limits: { spot_count: 1 } });
      await run({ MinCount: 2, MaxCount: 2, ...spot() });
    },
  ],
  ['SpotMaxPriceTooLow', 'cap below the price', () => run(spot('0.0329999999'))],
  [
    'Unsupported',
    'type without spot',
    () => run({ InstanceType: 'hpc6a.48xlarge', SubnetId: SUBNET_B, ...spot() }),
  ],
  ['Unsupported', 'zone that does not offer it', () => run({ InstanceType: 'hpc6a.48xlarge' })],
  [
    'Unsupported',
    'EFA on a type without it',
    () => run({ LaunchTemplate: { LaunchTemplateId: EFA_TEMPLATE } }),
  ],
  ['Unsupported', 'wrong architecture', () => run({ InstanceType: 'c6g.xlarge' })],
  [
    'Unsupported',
    'strategy that the type does not list',
    async () => {
      await ec2.send(new CreatePlacementGroupCommand({ GroupName: 'g', Strategy: 'cluster' }));
      await run({ InstanceType: 't3.micro', Placement: { GroupName: 'g' } });
    },
  ],
  [
    'InvalidLaunchTemplateName.AlreadyExistsException',
    'name taken',
    () =>
      ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: 'node',
          LaunchTemplateData: { ImageId: IMAGE },
        }),
      ),
  ],
  ['InvalidSubnetID.NotFound', 'unknown subnet', () => run({ SubnetId: 'subnet-nowhere' })],
  [
    'ReservationCapacityExceeded',
    'targeted reservation too small',
    () =>
      run({
        InstanceType: 'c5.2xlarge',
        MinCount: 5,
        MaxCount: 5,
        CapacityReservationSpecification: {
          CapacityReservationTarget: { CapacityReservationId: 'cr-00000000000000001' },
        },
      }),
  ],
  [
    'InvalidPlacementGroup.Duplicate',
    'create twice',
    async () => {
      await ec2.send(new CreatePlacementGroupCommand({ GroupName: 'g', Strategy: 'cluster' }));
      await ec2.send(new CreatePlacementGroupCommand({ GroupName: 'g', Strategy: 'cluster' }));
    },
  ],
  [
    'InvalidPlacementGroup.InUse',
    'delete with a member',
    async () => {
      await ec2.send(new CreatePlacementGroupCommand({ GroupName: 'g', Strategy: 'cluster' }));
      await run({ Placement: { GroupName: 'g' } });
      await ec2.send(new DeletePlacementGroupCommand({ GroupName: 'g' }));
    },
  ],
  [
    'InsufficientFreeAddressesInSubnet',
    'subnet of eight',
    () => run({ SubnetId: SUBNET_C, MinCount: 9, MaxCount: 9 }),
  ],
  [
    'IdempotentParameterMismatch',
    'token with other parameters',
    async () => {
      await run({ ClientToken: 't' });
      await run({ ClientToken: 't', MaxCount: 2 });
    },
  ],
  ['InvalidParameterValue', 'token too long', () => run({ ClientToken: 'x'.repeat(65) })],
  [
    'InvalidParameterValue',
    'unknown filter',
    () =>
      ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })),
  ],
  [
    'InvalidParameterValue',
    'page too small',
    () => ec2.send(new DescribeInstancesCommand({ MaxResults: 4 })),
  ],
  [
    'InvalidParameterValue',
    'network card that the type lacks',
    () =>
      run({
        SubnetId: undefined,
        NetworkInterfaces: [{ DeviceIndex: 0, NetworkCardIndex: 1, SubnetId: SUBNET_A }],
      }),
  ],
  [
    'InvalidParameterValue',
    'tag key of AWS',
    () =>
      ec2.send(
        new CreateTagsCommand({ Resources: [NO_INSTANCE], Tags: [{ Key: 'aws:x', Value: '' }] }),
      ),
  ],
  [
    'TagLimitExceeded',
    '51 tags',
    async () => {
      const id = await launched();
      const tags = Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
      await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tags }));
    },
  ],
  [
    'InvalidParameterCombination',
    'ids and pages',
    () => ec2.send(new DescribeInstancesCommand({ InstanceIds: [NO_INSTANCE], MaxResults: 5 })),
  ],
  [
    'InvalidParameterCombination',
    'subnet beside interfaces',
    () => run({ NetworkInterfaces: [{ DeviceIndex: 0 }] }),
  ],
  [
    'InvalidNextToken',
    'made up',
    () => ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: 'abc.def' })),
  ],
  [
    'OperationNotPermitted',
    'protected',
    async () => {
      const id = await launched({ DisableApiTermination: true });
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
  ],
  [
    'IncorrectInstanceState',
    'reboot of a pending one',
    async () => {
      const id = await launched();
      await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    },
  ],
  [
    'UnauthorizedOperation',
    'deny rule',
    async () => {
      await fake.world({ deny: [{ action: 'Run*', where: { InstanceType: 'c5.*' } }] });
      await run();
    },
  ],
  [
    'UnauthorizedOperation',
    'deny rule, dry run',
    async () => {
      await fake.world({ deny: [{ action: 'RunInstances' }] });
      await run({ DryRun: true });
    },
  ],
  ['DryRunOperation', 'allowed', () => run({ DryRun: true })],
  [
    'AuthFailure',
    'unknown key',
    () =>
      client(fake, { credentials: { accessKeyId: 'OTHER', secretAccessKey: 'x' } }).send(
        new DescribeInstancesCommand({}),
      ),
  ],
  [
    'AuthFailure',
    'other region',
    () => client(fake, { region: 'eu-west-1' }).send(new DescribeInstancesCommand({})),
  ],
  [
    'RequestLimitExceeded',
    'bucket',
    async () => {
      await fake.world({ throttle: { 'DescribeInstances.unfiltered': { max: 1, refill: 1 } } });
      await ec2.send(new DescribeInstancesCommand({}));
      await ec2.send(new DescribeInstancesCommand({}));
    },
  ],
];

const STATUS: Readonly<Record<string, number>> = {
  InsufficientInstanceCapacity: 500,
  UnauthorizedOperation: 403,
  DryRunOperation: 412,
  AuthFailure: 401,
  RequestLimitExceeded: 503,
};

async function failure(act: () => Promise<unknown>): Promise<{ code: string; status: number }> {
  try {
    await act();
    return { code: '', status: 200 };
  } catch (error) {
    const { name, $metadata: notes } = error as EC2ServiceException;
    return { code: name, status: notes.httpStatusCode ?? 0 };
  }
}

describe('errors by their natural cause', () => {
  it.each(NATURAL)('%s: %s', async (code, _how, act) => {
    expect(await failure(act)).toEqual({ code, status: STATUS[code] ?? 400 });
  });

  it('terminates none when one id is unknown', async () => {
    const id = await launched();
    const both = new TerminateInstancesCommand({ InstanceIds: [id, NO_INSTANCE] });
    expect(await codeOf(ec2.send(both))).toBe('InvalidInstanceID.NotFound');
    expect((await fake.live()).map((i) => i.id)).toEqual([id]);
  });

  it('keeps the zone of a protected instance and lets the other zones go', async () => {
    const kept = await launched({ DisableApiTermination: true });
    const beside = await launched();
    const other = await launched({ SubnetId: SUBNET_B });
    const all = new TerminateInstancesCommand({ InstanceIds: [kept, beside, other] });
    expect(await codeOf(ec2.send(all))).toBe('OperationNotPermitted');
    expect((await fake.live()).map((i) => i.id)).toEqual([kept, beside]);
  });

  it('answers capacity with 400 when the world says so', async () => {
    await fake.world({ capacity_status: 400 });
    await fake.capacity({ set: 0 });
    expect(await failure(() => run())).toEqual({
      code: 'InsufficientInstanceCapacity',
      status: 400,
    });
  });

  it('uses up the time of a page token', async () => {
    await run({ MaxCount: 6 });
    const first = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
    await fake.advance(3601);
    const next = new DescribeInstancesCommand({ MaxResults: 5, NextToken: first.NextToken });
    expect(await codeOf(ec2.send(next))).toBe('InvalidNextToken');
  });
});
