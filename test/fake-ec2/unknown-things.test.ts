import {
  CreateTagsCommand,
  DeletePlacementGroupCommand,
  DescribeCapacityReservationsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribePlacementGroupsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSpotInstanceRequestsCommand,
  type EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { client, codeOf, runInput, TEMPLATE, WORLD } from './fixture.ts';

// Names that stand for nothing: the …NotFound and …Unknown of fake-ec2.md section 4.

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

const NO_INSTANCE = 'i-00000000000000000';

/** code → what a client does to see it. */
const UNKNOWN: readonly (readonly [code: string, how: string, act: () => Promise<unknown>])[] = [
  [
    'InvalidLaunchTemplateId.NotFound',
    'unknown id',
    () => run({ LaunchTemplate: { LaunchTemplateId: 'lt-0000' } }),
  ],
  [
    'InvalidLaunchTemplateName.NotFoundException',
    'unknown name',
    () => run({ LaunchTemplate: { LaunchTemplateName: 'nobody' } }),
  ],
  [
    'InvalidLaunchTemplateId.VersionNotFound',
    'unknown version',
    () => run({ LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '9' } }),
  ],
  [
    'InvalidLaunchTemplateId.VersionNotFound',
    'DescribeLaunchTemplateVersions',
    () =>
      ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: TEMPLATE, Versions: ['7'] }),
      ),
  ],
  [
    'InvalidLaunchTemplateId.NotFound',
    'DescribeLaunchTemplates',
    () => ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: ['lt-1'] })),
  ],
  [
    'InvalidInstanceID.NotFound',
    'describe',
    () => ec2.send(new DescribeInstancesCommand({ InstanceIds: [NO_INSTANCE] })),
  ],
  [
    'InvalidInstanceID.NotFound',
    'terminate, one of two',
    async () => {
      const id = await launched();
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id, NO_INSTANCE] }));
    },
  ],
  [
    'InvalidInstanceID.NotFound',
    'tag',
    () =>
      ec2.send(
        new CreateTagsCommand({ Resources: [NO_INSTANCE], Tags: [{ Key: 'a', Value: 'b' }] }),
      ),
  ],
  [
    'InvalidInstanceID.NotFound',
    'an hour after its end',
    async () => {
      const id = await launched();
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      await fake.advance(3700);
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
  ],
  [
    'InvalidInstanceID.Malformed',
    'no instance id',
    () => ec2.send(new DescribeInstancesCommand({ InstanceIds: ['cloud-1'] })),
  ],
  ['InvalidAMIID.NotFound', 'launch', () => run({ ImageId: 'ami-none' })],
  [
    'InvalidAMIID.NotFound',
    'describe',
    () => ec2.send(new DescribeImagesCommand({ ImageIds: ['ami-none'] })),
  ],
  ['InvalidGroup.NotFound', 'launch', () => run({ SecurityGroupIds: ['sg-none'] })],
  [
    'InvalidGroup.NotFound',
    'describe',
    () => ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-none'] })),
  ],
  [
    'InvalidCapacityReservationId.NotFound',
    'describe',
    () => ec2.send(new DescribeCapacityReservationsCommand({ CapacityReservationIds: ['cr-0'] })),
  ],
  [
    'InvalidSpotInstanceRequestID.NotFound',
    'describe',
    () =>
      ec2.send(new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: ['sir-none'] })),
  ],
  [
    'InvalidInstanceType',
    'describe',
    () => ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['m1.tiny' as 'm1.small'] })),
  ],
  ['InvalidPlacementGroup.Unknown', 'launch', () => run({ Placement: { GroupName: 'none' } })],
  [
    'InvalidPlacementGroup.Unknown',
    'describe',
    () => ec2.send(new DescribePlacementGroupsCommand({ GroupNames: ['none'] })),
  ],
  [
    'InvalidPlacementGroup.Unknown',
    'delete',
    () => ec2.send(new DeletePlacementGroupCommand({ GroupName: 'none' })),
  ],
];

describe('things that do not exist', () => {
  it.each(UNKNOWN)('%s: %s', async (code, _how, act) => {
    expect(await codeOf(act())).toBe(code);
  });
});
