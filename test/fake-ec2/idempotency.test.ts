import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { call, client, codeOf, IMAGE, SUBNET_A, TEMPLATE, WORLD } from './fixture.ts';

// ClientToken: fake-ec2.md section 5.

let fake: FakeEc2;

beforeAll(async () => {
  fake = await startFakeEc2(WORLD);
});

afterAll(async () => {
  await fake.stop();
});

beforeEach(async () => {
  await fake.reset();
});

function run(token: string, count = 2) {
  const command = new RunInstancesCommand({
    MinCount: count,
    MaxCount: count,
    ImageId: IMAGE,
    InstanceType: 'c5.large',
    SubnetId: SUBNET_A,
    ClientToken: token,
  });
  return client(fake).send(command);
}

function fleet(token: string, count = 2) {
  const command = new CreateFleetCommand({
    Type: 'instant',
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '1' },
        Overrides: [{ SubnetId: SUBNET_A }],
      },
    ],
    TargetCapacitySpecification: { TotalTargetCapacity: count },
    ClientToken: token,
  });
  return client(fake).send(command);
}

describe('RunInstances', () => {
  it('launches once for 100 simultaneous equal calls', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => run('same')));
    const ids = answers.map((a) => a.Instances?.map((i) => i.InstanceId).join());
    expect(new Set(ids).size).toBe(1);
    expect(await fake.launched()).toHaveLength(2);
    expect(await fake.callsOf('RunInstances')).toHaveLength(100);
    expect(await fake.tokensUsed()).toEqual(['same']);
  });

  it('makes the second wait while the first is under way', async () => {
    await fake.addFaults({
      id: 'slow',
      match: { action: 'RunInstances', nth: 1 },
      do: { delay_ms: 200 },
    });
    const answers = await Promise.all([run('t'), run('t'), run('t')]);
    expect(new Set(answers.map((a) => a.ReservationId)).size).toBe(1);
    expect(await fake.launched()).toHaveLength(2);
    // The delayed one came first and is answered first.
    const journal = await fake.journal();
    const asked = journal.filter((entry) => entry.kind === 'request').map((entry) => entry.n);
    const answered = journal.filter((entry) => entry.kind === 'response');
    expect(answered.map((entry) => entry['request'])).toEqual(asked);
    await fake.requireFaultsFired();
  });

  it('answers again with the states of now', async () => {
    const first = await run('t');
    await fake.advance(60);
    const ids = first.Instances?.map((i) => i.InstanceId ?? '') ?? [];
    await client(fake).send(new TerminateInstancesCommand({ InstanceIds: ids }));
    const again = await run('t');
    expect(first.Instances?.map((i) => i.State?.Name)).toEqual(['pending', 'pending']);
    expect(again.Instances?.map((i) => i.State?.Name)).toEqual(['shutting-down', 'shutting-down']);
    expect(again.ReservationId).toBe(first.ReservationId);
    expect(await fake.launched()).toHaveLength(2);
  });

  it('tells other parameters apart, the case of a token too', async () => {
    await run('t');
    expect(await codeOf(run('t', 3))).toBe('IdempotentParameterMismatch');
    expect(await codeOf(run('T', 3))).toBe('');
    expect(await fake.launched()).toHaveLength(5);
  });

  it('keeps no token of a call that failed without effect', async () => {
    await fake.capacity({ type: 'c5.large', set: 0 });
    expect(await codeOf(run('t'))).toBe('InsufficientInstanceCapacity');
    await fake.capacity({ type: 'c5.large', set: 9 });
    expect(await codeOf(run('t', 3))).toBe('');
  });

  it('launches again when the token has expired', async () => {
    const first = await run('t');
    const ids = first.Instances?.map((i) => i.InstanceId ?? '') ?? [];
    await client(fake).send(new TerminateInstancesCommand({ InstanceIds: ids }));
    await fake.advance(86_400);
    expect((await run('t')).ReservationId).toBe(first.ReservationId);
    await fake.advance(60);
    expect((await run('t')).ReservationId).not.toBe(first.ReservationId);
    expect(await fake.launched()).toHaveLength(4);
  });

  it('keeps a token as long as an instance lives, however short the retention', async () => {
    await fake.world({ token_retention_s: 1 });
    const first = await run('t');
    await fake.advance(1_000_000);
    expect((await run('t')).ReservationId).toBe(first.ReservationId);
  });

  it('does not count DryRun among the parameters', async () => {
    await run('t');
    const params = {
      MinCount: '2',
      MaxCount: '2',
      ImageId: IMAGE,
      InstanceType: 'c5.large',
      SubnetId: SUBNET_A,
      ClientToken: 't',
      DryRun: 'false',
    };
    expect((await call(fake, 'RunInstances', params)).status).toBe(200);
    expect(await fake.launched()).toHaveLength(2);
  });
});

describe('CreateFleet', () => {
  it('repeats its answer', async () => {
    const [first, again] = [await fleet('t'), await fleet('t')];
    expect(again.FleetId).toBe(first.FleetId);
    expect(again.Instances).toEqual(first.Instances);
    expect(await fake.launched()).toHaveLength(2);
  });

  it('uses up the token of a fleet that launched nothing', async () => {
    await fake.capacity({ type: 'c5.large', set: 0 });
    const nothing = await fleet('t');
    await fake.capacity({ type: 'c5.large', set: 9 });
    expect((await fleet('t')).FleetId).toBe(nothing.FleetId);
    expect(await codeOf(fleet('t', 3))).toBe('IdempotentParameterMismatch');
    expect(await fake.launched()).toEqual([]);
  });

  it('shares no token with RunInstances', async () => {
    await run('t');
    await fleet('t');
    expect(await fake.launched()).toHaveLength(4);
  });
});

it('holds for launch templates and their versions', async () => {
  const ec2 = client(fake);
  function create() {
    return ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'own',
        LaunchTemplateData: { ImageId: IMAGE },
        ClientToken: 'a',
      }),
    );
  }
  function version() {
    return ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName: 'own',
        LaunchTemplateData: { ImageId: IMAGE, InstanceType: 'c5.large' },
        ClientToken: 'b',
      }),
    );
  }
  expect((await create()).LaunchTemplate).toEqual((await create()).LaunchTemplate);
  expect((await version()).LaunchTemplateVersion?.VersionNumber).toBe(2);
  expect((await version()).LaunchTemplateVersion?.VersionNumber).toBe(2);
});
