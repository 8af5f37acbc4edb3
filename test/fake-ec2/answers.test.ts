import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreatePlacementGroupCommand,
  CreateTagsCommand,
  DeletePlacementGroupCommand,
  DescribeAvailabilityZonesCommand,
  DescribeCapacityReservationsCommand,
  DescribeImagesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribePlacementGroupsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  RebootInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { ACTIONS } from './actions.ts';
import {
  call,
  client,
  EFA_TEMPLATE,
  IMAGE,
  SUBNET_A,
  SUBNET_B,
  SUBNET_C,
  TEMPLATE,
  WORLD,
} from './fixture.ts';

// The real SDK reads every answer of fake-ec2.md section 3; what it sees is compared field by field
// with test/golden/fake-ec2/. Whoever changes an answer changes the golden file in the same commit.

let fake: FakeEc2;
let ec2: EC2Client;

beforeAll(async () => {
  fake = await startFakeEc2(WORLD, { seed: 1 });
  ec2 = client(fake);
});

afterAll(async () => {
  await fake.stop();
});

function golden(name: string) {
  return `../golden/fake-ec2/${name}.json`;
}
const seen = new Set<string>();

/** What the SDK understood, without its own notes, as a golden file. */
async function keep(name: string, answer: object): Promise<void> {
  seen.add(name.split('.')[0] ?? '');
  const text = JSON.stringify({ ...answer, $metadata: undefined }, undefined, 2);
  // biome-ignore lint/suspicious/noMisplacedAssertion: every test here ends in it
  await expect(`${text}\n`).toMatchFileSnapshot(golden(name));
}

function tags(resourceType: 'instance' | 'fleet' | 'placement-group' | 'launch-template') {
  return [
    { ResourceType: resourceType, Tags: [{ Key: 'asbb:job', Value: `<${resourceType}> & "42"` }] },
  ];
}

describe('the life of a cluster, call by call', () => {
  let ids: string[] = [];

  it('placement groups', async () => {
    const create = { GroupName: 'gang', Strategy: 'cluster' as const };
    const made = await ec2.send(
      new CreatePlacementGroupCommand({ ...create, TagSpecifications: tags('placement-group') }),
    );
    await keep('CreatePlacementGroup', made);
    await keep(
      'DescribePlacementGroups',
      await ec2.send(new DescribePlacementGroupsCommand({ GroupNames: ['gang'] })),
    );
  });

  it('launch templates', async () => {
    const data = {
      ImageId: IMAGE,
      InstanceType: 'c5.large' as const,
      UserData: Buffer.from('#!/bin/sh\necho & <boot>\n').toString('base64'),
      SecurityGroupIds: ['sg-0a11ce00000000001'],
      IamInstanceProfile: { Name: 'node' },
      InstanceInitiatedShutdownBehavior: 'terminate' as const,
      MetadataOptions: {
        HttpTokens: 'required' as const,
        InstanceMetadataTags: 'enabled' as const,
      },
      TagSpecifications: [
        { ResourceType: 'instance' as const, Tags: [{ Key: 'from', Value: 'template' }] },
      ],
    };
    await keep(
      'CreateLaunchTemplate',
      await ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: 'own',
          LaunchTemplateData: data,
          TagSpecifications: tags('launch-template'),
        }),
      ),
    );
    await keep(
      'CreateLaunchTemplateVersion',
      await ec2.send(
        new CreateLaunchTemplateVersionCommand({
          LaunchTemplateName: 'own',
          SourceVersion: '1',
          LaunchTemplateData: {
            InstanceType: 'c5.xlarge',
            NetworkInterfaces: [
              { DeviceIndex: 0, SubnetId: SUBNET_A, Groups: ['sg-0a11ce00000000001'] },
            ],
            BlockDeviceMappings: [
              { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20, DeleteOnTermination: true } },
            ],
          },
        }),
      ),
    );
    await keep(
      'DescribeLaunchTemplates',
      await ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['own', 'node'] })),
    );
    await keep(
      'DescribeLaunchTemplateVersions',
      await ec2.send(
        new DescribeLaunchTemplateVersionsCommand({
          LaunchTemplateName: 'own',
          Versions: ['$Latest', '$Default'],
        }),
      ),
    );
  });

  it('RunInstances, spot and on-demand', async () => {
    await keep(
      'RunInstances',
      await ec2.send(
        new RunInstancesCommand({
          MinCount: 1,
          MaxCount: 2,
          LaunchTemplate: { LaunchTemplateName: 'own', Version: '1' },
          SubnetId: SUBNET_A,
          InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { MaxPrice: '0.05' } },
          TagSpecifications: tags('instance'),
          ClientToken: 'token-1',
        }),
      ),
    );
    await keep(
      'RunInstances.on-demand',
      await ec2.send(
        new RunInstancesCommand({
          MinCount: 1,
          MaxCount: 1,
          ImageId: IMAGE,
          InstanceType: 'p4d.24xlarge',
          Placement: { GroupName: 'gang' },
          NetworkInterfaces: [0, 1, 2, 3].map((card) => ({
            DeviceIndex: card === 0 ? 0 : 1,
            NetworkCardIndex: card,
            InterfaceType: 'efa',
            SubnetId: SUBNET_A,
            Groups: ['sg-0a11ce00000000001'],
          })),
          ClientToken: 'token-2',
        }),
      ),
    );
  });

  it('CreateFleet, partly filled', async () => {
    await fake.capacity({ type: 'c5.large', az: 'us-east-1b', market: 'spot', set: 1 });
    const spec = { LaunchTemplateId: TEMPLATE, Version: '1' };
    const fleet = new CreateFleetCommand({
      Type: 'instant',
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: spec,
          Overrides: [
            { InstanceType: 'c5.large', SubnetId: SUBNET_B, Priority: 0, MaxPrice: '0.04' },
            { InstanceType: 'c5.xlarge', SubnetId: SUBNET_B, Priority: 1, MaxPrice: '0.05' },
          ],
        },
      ],
      TargetCapacitySpecification: {
        TotalTargetCapacity: 3,
        DefaultTargetCapacityType: 'spot',
      },
      SpotOptions: {
        AllocationStrategy: 'price-capacity-optimized',
        InstanceInterruptionBehavior: 'terminate',
      },
      TagSpecifications: [...tags('instance'), ...tags('fleet')],
      ClientToken: 'token-3',
    });
    await keep('CreateFleet', await ec2.send(fleet));
    const gang = new CreateFleetCommand({
      Type: 'instant',
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateId: EFA_TEMPLATE, Version: '$Latest' },
          Overrides: [{ SubnetId: SUBNET_C, Placement: { GroupName: 'gang' } }],
        },
      ],
      TargetCapacitySpecification: {
        TotalTargetCapacity: 2,
        DefaultTargetCapacityType: 'on-demand',
      },
      OnDemandOptions: { SingleAvailabilityZone: true, MinTargetCapacity: 2 },
      ClientToken: 'token-4',
    });
    // The group already lives in another zone.
    await keep('CreateFleet.nothing', await ec2.send(gang));
  });

  it('DescribeInstances and DescribeInstanceStatus, young and old', async () => {
    ids = [...(await fake.launched())];
    await keep(
      'DescribeInstances',
      await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 })),
    );
    await fake.advance(50);
    await keep(
      'DescribeInstanceStatus.initializing',
      await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: ids.slice(0, 1) })),
    );
    await fake.external({ impair: ids[1] ?? '' });
    await fake.external({ event: ids[1] ?? '', code: 'instance-retirement' });
    await fake.advance(100);
    await keep(
      'DescribeInstanceStatus',
      await ec2.send(new DescribeInstanceStatusCommand({ MaxResults: 100 })),
    );
  });

  it('tags, restart, interruption, end', async () => {
    const name = { Resources: ids.slice(0, 1), Tags: [{ Key: 'Name', Value: 'aws-cpu-001' }] };
    await keep('CreateTags', await ec2.send(new CreateTagsCommand(name)));
    await keep(
      'RebootInstances',
      await ec2.send(new RebootInstancesCommand({ InstanceIds: ids.slice(0, 1) })),
    );
    await fake.interrupt(ids[0] ?? '', 120);
    await keep(
      'DescribeSpotInstanceRequests.marked',
      await ec2.send(new DescribeSpotInstanceRequestsCommand({ MaxResults: 5 })),
    );
    await keep(
      'TerminateInstances',
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(1) })),
    );
    await fake.advance(200);
    await keep(
      'TerminateInstances.again',
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids })),
    );
    await keep('DescribeInstances.ended', await ec2.send(new DescribeInstancesCommand({})));
    await keep(
      'DescribeSpotInstanceRequests',
      await ec2.send(new DescribeSpotInstanceRequestsCommand({})),
    );
    await keep(
      'DeletePlacementGroup',
      await ec2.send(new DeletePlacementGroupCommand({ GroupName: 'gang' })),
    );
  });

  it('what the world declares', async () => {
    await keep('DescribeSubnets', await ec2.send(new DescribeSubnetsCommand({})));
    await keep('DescribeImages', await ec2.send(new DescribeImagesCommand({ ImageIds: [IMAGE] })));
    await keep('DescribeSecurityGroups', await ec2.send(new DescribeSecurityGroupsCommand({})));
    await keep(
      'DescribeCapacityReservations',
      await ec2.send(new DescribeCapacityReservationsCommand({})),
    );
    await keep(
      'DescribeAvailabilityZones',
      await ec2.send(new DescribeAvailabilityZonesCommand({})),
    );
    await keep('DescribeInstanceTypes', await ec2.send(new DescribeInstanceTypesCommand({})));
    await keep(
      'DescribeInstanceTypeOfferings',
      await ec2.send(
        new DescribeInstanceTypeOfferingsCommand({
          LocationType: 'availability-zone',
          Filters: [{ Name: 'instance-type', Values: ['c5.*', 'hpc6a.48xlarge'] }],
        }),
      ),
    );
    await fake.price('c5.large', 'us-east-1a', 345_678_901);
    const history = await ec2.send(
      new DescribeSpotPriceHistoryCommand({
        InstanceTypes: ['c5.large'],
        ProductDescriptions: ['Linux/UNIX'],
        AvailabilityZone: 'us-east-1a',
        StartTime: new Date('2026-01-01T00:00:00Z'),
        EndTime: new Date('2026-01-02T00:00:00Z'),
      }),
    );
    await keep('DescribeSpotPriceHistory', history);
    // The last page carries an empty element, which the SDK hands on.
    expect(history.NextToken).toBe('');
  });

  it('covers every action', () => {
    expect([...seen].sort()).toEqual(Object.keys(ACTIONS).sort());
  });

  it('tells who is calling', async () => {
    const { text } = await call(fake, 'GetCallerIdentity');
    expect(text).toContain(
      '<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/fake</Arn>',
    );
    expect(text).toContain('<Account>111122223333</Account></GetCallerIdentityResult>');
    expect(text).toMatch(/<ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId>/);
  });
});

describe('on the wire', () => {
  it('dates its answers by the virtual clock, and names the request', async () => {
    const answer = await call(fake, 'DescribeSubnets');
    const { now_us: now } = await fake.clock();
    expect(Date.parse(answer.headers.get('date') ?? '')).toBe(Math.floor(now / 1e6) * 1000);
    expect(answer.headers.get('content-type')).toBe('text/xml;charset=UTF-8');
    const id = answer.headers.get('x-amzn-requestid') ?? '?';
    expect(answer.text).toContain(`<requestId>${id}</requestId>`);
  });

  it('takes a GET with a query', async () => {
    const query = 'Action=DescribeImages&Version=2016-11-15&ImageId.1=ami-none';
    const answer = await fetch(`${fake.url}/?${query}`, {
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=FAKE1/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
    });
    expect(await answer.text()).toContain('<Code>InvalidAMIID.NotFound</Code>');
  });
});
