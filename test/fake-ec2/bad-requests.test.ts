import { CreateFleetCommand, DescribeInstancesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import {
  authorization,
  call,
  client,
  codeOf,
  IMAGE,
  SUBNET_A,
  TEMPLATE,
  WORLD,
} from './fixture.ts';

// Requests that are wrong in themselves: fake-ec2.md sections 1 and 3.2.

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

const NO_INSTANCE = 'i-00000000000000000';

describe('requests that the SDK would not send', () => {
  const launch = { ImageId: IMAGE, InstanceType: 'c5.large', SubnetId: SUBNET_A };

  it.each([
    ['InvalidAction', 'MakeCoffee', {}],
    ['NoSuchVersion', 'DescribeInstances', { Version: '2014-01-01' }],
    ['NoSuchVersion', 'GetCallerIdentity', { Version: '2016-11-15' }],
    ['MissingParameter', 'RunInstances', { ...launch, MinCount: '1' }],
    ['MissingParameter', 'TerminateInstances', {}],
    ['MissingParameter', 'RunInstances', { MinCount: '1', MaxCount: '1' }],
    [
      'UnknownParameter',
      'RunInstances',
      { ...launch, MinCount: '1', MaxCount: '1', Colour: 'red' },
    ],
    ['UnknownParameter', 'DescribeSubnets', { MaxResults: '5' }],
    ['InvalidParameterValue', 'DescribeInstances', { 'InstanceId.2': NO_INSTANCE }],
    ['InvalidParameterValue', 'DescribeInstances', { 'InstanceId.0': NO_INSTANCE }],
    ['InvalidParameterValue', 'RunInstances', { ...launch, MinCount: '2', MaxCount: '1' }],
    ['InvalidParameterValue', 'RunInstances', { ...launch, MinCount: 'x', MaxCount: '1' }],
    [
      'InvalidParameterValue',
      'RunInstances',
      { ...launch, MinCount: '1', MaxCount: '1', DryRun: 'yes' },
    ],
  ] as const)('%s: %s %j', async (code, action, params) => {
    expect((await call(fake, action, params)).code).toBe(code);
  });

  it('lets a parameter pass that the world ignores', async () => {
    const params = { ...launch, MinCount: '1', MaxCount: '1', Colour: 'red', 'Odd.1.X': 'y' };
    await fake.world({ ignore_params: ['Colour', 'Odd.n.X'] });
    expect((await call(fake, 'RunInstances', params)).status).toBe(200);
  });

  it('wants the scope of the service', async () => {
    const headers = { authorization: authorization('s3') };
    expect((await call(fake, 'DescribeInstances', {}, headers)).code).toBe('AuthFailure');
    expect((await call(fake, 'GetCallerIdentity', {}, headers)).code).toBe('AuthFailure');
  });

  it('refuses a request that is older than five minutes of the virtual clock', async () => {
    await fake.world({ check_skew: true });
    function at(date: string) {
      return call(fake, 'DescribeInstances', {}, { 'x-amz-date': date });
    }
    expect((await at('20260101T000459Z')).status).toBe(200);
    expect((await at('20260101T000501Z')).code).toBe('RequestExpired');
    expect((await at('')).code).toBe('RequestExpired');
  });

  it('checks the signature when told to', async () => {
    await fake.world({ check_signature: true, secrets: { FAKE1: 'secret' } });
    expect(await codeOf(ec2.send(new DescribeInstancesCommand({})))).toBe('');
    const wrong = client(fake, { credentials: { accessKeyId: 'FAKE1', secretAccessKey: 'no' } });
    expect(await codeOf(wrong.send(new DescribeInstancesCommand({})))).toBe('AuthFailure');
  });
});

describe('CreateFleet refuses a bad request as a whole', () => {
  function overrides(n: number) {
    return Array.from({ length: n }, () => ({
      InstanceType: 'c5.large' as const,
      SubnetId: SUBNET_A,
    }));
  }
  const spec = { LaunchTemplateId: TEMPLATE, Version: '1' };

  it.each([
    ['UnsupportedOperation', { Type: 'maintain' as const }],
    ['InvalidParameterCombination', { OnDemandOptions: { MinTargetCapacity: 1 } }],
    [
      'InvalidParameterValue',
      { OnDemandOptions: { MinTargetCapacity: 1001, SingleInstanceType: true } },
    ],
    [
      'InvalidParameterValue',
      { SpotOptions: { AllocationStrategy: 'prioritized' as 'diversified' } },
    ],
    [
      'InvalidFleetConfiguration',
      { LaunchTemplateConfigs: [{ LaunchTemplateSpecification: spec, Overrides: overrides(301) }] },
    ],
    [
      'InvalidFleetConfiguration',
      { LaunchTemplateConfigs: overrides(51).map(() => ({ LaunchTemplateSpecification: spec })) },
    ],
    ['InvalidFleetConfiguration', { TargetCapacitySpecification: { TotalTargetCapacity: 10_001 } }],
    [
      'InvalidFleetConfiguration',
      { TargetCapacitySpecification: { TotalTargetCapacity: 2, OnDemandTargetCapacity: 3 } },
    ],
    [
      'InvalidLaunchTemplateId.NotFound',
      {
        LaunchTemplateConfigs: [
          { LaunchTemplateSpecification: { LaunchTemplateId: 'lt-0', Version: '1' } },
        ],
      },
    ],
    [
      'InvalidLaunchTemplateId.VersionNotFound',
      {
        LaunchTemplateConfigs: [
          { LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '3' } },
        ],
      },
    ],
    [
      'MissingParameter',
      { LaunchTemplateConfigs: [{ LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE } }] },
    ],
    [
      'MissingParameter',
      {
        LaunchTemplateConfigs: [
          { LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '' } },
        ],
      },
    ],
  ])('%s: %j', async (code, more) => {
    const sent = ec2.send(
      new CreateFleetCommand({
        Type: 'instant',
        LaunchTemplateConfigs: [{ LaunchTemplateSpecification: spec, Overrides: overrides(1) }],
        TargetCapacitySpecification: { TotalTargetCapacity: 1 },
        ...more,
      }),
    );
    expect(await codeOf(sent)).toBe(code);
    expect(await fake.launched()).toEqual([]);
  });
});
