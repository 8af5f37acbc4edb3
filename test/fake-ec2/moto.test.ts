import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type Instance,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { client, codeOf, WORLD } from './fixture.ts';

// Where moto and the fake can agree they must: the same happy paths against both. Needs
// `pip install 'moto[ec2,server]'`; without it these tests are skipped.

const HAS_MOTO = spawnSync('python3', ['-c', 'import moto.server']).status === 0;
const DEMO = new URL('../demo/world.json', import.meta.url).pathname;

let fake: FakeEc2;
let demo: FakeEc2;
let moto: ChildProcess;
let motoUrl = '';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/moto-api/`)).status > 0;
  } catch {
    return false;
  }
}

async function startMoto(): Promise<void> {
  const port = await freePort();
  motoUrl = `http://127.0.0.1:${port}`;
  moto = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 300; tries += 1) {
    if (await isUp(motoUrl)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('moto did not start');
}

interface Place {
  readonly ec2: EC2Client;
  /** Lets pending and shutting-down pass. */
  readonly settle: () => Promise<unknown>;
}

async function placeOf(ec2: EC2Client) {
  const subnets = await ec2.send(
    new DescribeSubnetsCommand({
      Filters: [{ Name: 'availability-zone', Values: ['us-east-1a'] }],
    }),
  );
  const images = await ec2.send(new DescribeImagesCommand({}));
  const image = images.Images?.find((i) => i.Architecture === 'x86_64');
  return { subnet: subnets.Subnets?.[0]?.SubnetId ?? '', image: image?.ImageId ?? '' };
}

async function instances(ec2: EC2Client, ids: string[]): Promise<readonly Instance[]> {
  const answer = await ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
  return (answer.Reservations ?? []).flatMap((r) => r.Instances ?? []);
}

function shown(instance: Instance | undefined) {
  return {
    state: instance?.State,
    type: instance?.InstanceType,
    zone: instance?.Placement?.AvailabilityZone,
    hasAddress: instance?.PrivateIpAddress !== undefined,
    dns: /^ip-[\d-]+\.ec2\.internal$/.test(instance?.PrivateDnsName ?? ''),
    wholeSeconds: instance?.LaunchTime?.getMilliseconds() === 0,
    tags: instance?.Tags?.filter((tag) => !tag.Key?.startsWith('aws:')),
    architecture: instance?.Architecture,
  };
}

/** The life of two instances; the ids and addresses themselves are left out. */
async function life({ ec2, settle }: Place) {
  const { subnet, image } = await placeOf(ec2);
  const run = await ec2.send(
    new RunInstancesCommand({
      MinCount: 2,
      MaxCount: 2,
      ImageId: image,
      InstanceType: 'c5.large',
      SubnetId: subnet,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'job', Value: '42' }] }],
    }),
  );
  const ids = (run.Instances ?? []).map((i) => i.InstanceId ?? '');
  await settle();
  const running = await instances(ec2, ids);
  await ec2.send(
    new CreateTagsCommand({ Resources: ids.slice(0, 1), Tags: [{ Key: 'Name', Value: 'n1' }] }),
  );
  const named = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: 'tag:Name', Values: ['n*'] },
        { Name: 'instance-state-name', Values: ['running', 'pending'] },
      ],
    }),
  );
  const ended = await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
  await settle();
  const gone = await instances(ec2, ids);
  return {
    launched: run.Instances?.map((i) => [i.State?.Name, i.State?.Code, i.InstanceType]),
    isId: ids.every((id) => /^i-[0-9a-f]{17}$/.test(id)),
    running: running.map(shown),
    named: named.Reservations?.flatMap((r) =>
      r.Instances?.map((i) => ids.indexOf(i.InstanceId ?? '')),
    ),
    ended: ended.TerminatingInstances?.map((i) => [i.PreviousState, i.CurrentState]),
    gone: gone.map((i) => [
      i.State,
      i.StateReason?.Code,
      /^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (GMT|UTC)\)$/.test(
        i.StateTransitionReason ?? '',
      ),
    ]),
  };
}

async function templates({ ec2 }: Place) {
  const { subnet, image } = await placeOf(ec2);
  const LaunchTemplateName = 'conformance';
  const made = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName,
      LaunchTemplateData: { ImageId: image, InstanceType: 'c5.large' },
    }),
  );
  const id = made.LaunchTemplate?.LaunchTemplateId ?? '';
  const second = await ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName,
      LaunchTemplateData: { ImageId: image, InstanceType: 'c5.xlarge' },
    }),
  );
  const versions = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: ['$Latest'] }),
  );
  const fleet = await ec2.send(
    new CreateFleetCommand({
      Type: 'instant',
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateId: id, Version: '2' },
          Overrides: [{ InstanceType: 'c5.xlarge', SubnetId: subnet }],
        },
      ],
      TargetCapacitySpecification: {
        TotalTargetCapacity: 3,
        DefaultTargetCapacityType: 'on-demand',
      },
    }),
  );
  const ids = fleet.Instances?.flatMap((group) => group.InstanceIds ?? []) ?? [];
  return {
    latest: made.LaunchTemplate?.LatestVersionNumber,
    second: second.LaunchTemplateVersion?.VersionNumber,
    data: versions.LaunchTemplateVersions?.[0]?.LaunchTemplateData?.InstanceType,
    fleetId: fleet.FleetId?.startsWith('fleet-'),
    launched: ids.length,
    types: (await instances(ec2, ids)).map((i) => i.InstanceType),
  };
}

async function refusals({ ec2 }: Place) {
  const none = 'i-00000000000000000';
  const data = { ImageId: 'ami-1', InstanceType: 'c5.large' as const };
  const twice = new CreateLaunchTemplateCommand({
    LaunchTemplateName: 'twice',
    LaunchTemplateData: data,
  });
  await ec2.send(twice);
  return [
    await codeOf(ec2.send(new DescribeInstancesCommand({ InstanceIds: [none] }))),
    await codeOf(ec2.send(new TerminateInstancesCommand({ InstanceIds: [none] }))),
    await codeOf(ec2.send(new CreateLaunchTemplateCommand({ ...twice.input, ClientToken: 'x' }))),
    await codeOf(ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-none'] }))),
    await codeOf(ec2.send(new DescribeImagesCommand({ ImageIds: ['ami-00000000000000000'] }))),
  ];
}

/** Facts of the demo's world that are facts of AWS too. */
async function typeFacts({ ec2 }: Place) {
  const answer = await ec2.send(
    new DescribeInstanceTypesCommand({
      InstanceTypes: ['c5.xlarge', 'c5.4xlarge', 'c6i.4xlarge', 'c5n.18xlarge', 'hpc6a.48xlarge'],
    }),
  );
  return (answer.InstanceTypes ?? [])
    .map((type) => ({
      name: type.InstanceType,
      vcpu: type.VCpuInfo?.DefaultVCpus,
      cores: type.VCpuInfo?.DefaultCores,
      memory: type.MemoryInfo?.SizeInMiB,
      efa: type.NetworkInfo?.EfaSupported,
      cards: type.NetworkInfo?.MaximumNetworkCards,
      usage: type.SupportedUsageClasses?.filter((usage) => usage !== 'capacity-block'),
      groups: type.PlacementGroupInfo?.SupportedStrategies?.toSorted(),
    }))
    .sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}

describe.skipIf(!HAS_MOTO)('the fake and moto agree', () => {
  beforeAll(async () => {
    [fake, demo] = await Promise.all([startFakeEc2(WORLD), startFakeEc2(DEMO), startMoto()]);
  });

  afterAll(async () => {
    moto.kill();
    await Promise.all([fake.stop(), demo.stop(), once(moto, 'exit')]);
  });

  function both(): readonly [Place, Place] {
    return [
      { ec2: client(fake), settle: () => fake.advance(100) },
      { ec2: client({ url: motoUrl }), settle: () => Promise.resolve() },
    ];
  }

  it.each([
    ['the life of instances', life],
    ['launch templates and a fleet', templates],
    ['refusals', refusals],
  ])('on %s', async (_name, play) => {
    const [ours, theirs] = both();
    expect(await play(ours)).toEqual(await play(theirs));
  });

  it('on codes, not on silence', async () => {
    await fake.reset();
    expect((await refusals(both()[0])).every((code) => code.startsWith('Invalid'))).toBe(true);
  });

  it('on the instance types of the demo', async () => {
    const [, theirs] = both();
    const ours = { ec2: client(demo), settle: () => Promise.resolve() };
    expect(await typeFacts(ours)).toEqual(await typeFacts(theirs));
  });
});
