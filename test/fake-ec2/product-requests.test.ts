import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import type { LaunchRequest } from '../../src/core/burst/launch.ts';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { exampleSettings } from '../support/settings.ts';
import { SUBNET_A, SUBNET_B, TEMPLATE, WORLD } from './fixture.ts';

// What the product's own adapter sends: the parameters of each of its calls are in the golden set, and the
// fake knows every one of them.

let fake: FakeEc2;

beforeAll(async () => {
  fake = await startFakeEc2(WORLD);
});

afterAll(async () => {
  await fake.stop();
});

const request: LaunchRequest = {
  api: 'create-fleet',
  clientToken: 'asbb-0123456789abcdef0123456789abcdef01234567',
  count: 2,
  lifecycle: 'spot',
  allOrNothing: true,
  singleInstanceType: true,
  singleZone: true,
  launchTemplateId: TEMPLATE,
  launchTemplateVersion: '1',
  overrides: [
    { instanceType: 'c5.large', subnetId: SUBNET_A, maxPrice: '0.085', priority: 0 },
    { instanceType: 'c5.xlarge', subnetId: SUBNET_B, maxPrice: '0.17', priority: 1 },
  ],
  allocationStrategy: 'price-capacity-optimized',
  placementGroup: 'asbb-hpc1-1',
  iamInstanceProfile: 'node',
  securityGroupIds: [],
  tags: { 'asbb:cluster': 'hpc1', 'asbb:intent': '7' },
};

it('are in the golden set, and the fake knows every one of their parameters', async () => {
  const settings = exampleSettings({
    test_mode: true,
    aws: {
      endpoint_url: fake.url,
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'secret' },
    },
  });
  const cloud = new Ec2Cloud(settings);
  const own = { 'asbb:cluster': 'hpc1' };
  await cloud.createPlacementGroup('asbb-hpc1-1', 'cluster', own);
  await cloud.launch(request);
  await cloud.launch({
    ...request,
    clientToken: 'b',
    lifecycle: 'on-demand',
    allocationStrategy: 'prioritized',
  });
  await cloud.launch({
    ...request,
    api: 'run-instances',
    clientToken: 'c',
    overrides: request.overrides.slice(0, 1),
    securityGroupIds: ['sg-0a11ce00000000001'],
  });
  await cloud.launch({
    ...request,
    clientToken: 'd',
    lifecycle: 'mixed',
    spotCount: 1,
    allocationStrategy: 'prioritized',
    spotAllocationStrategy: 'lowest-price',
    poolsToUse: 2,
    maxTotalPrice: '1.5',
    useReservationsFirst: true,
  });
  await cloud.launch({
    ...request,
    api: 'run-instances',
    clientToken: 'e',
    lifecycle: 'on-demand',
    overrides: request.overrides.slice(0, 1),
    useReservationsFirst: true,
    userData: '#!/bin/sh',
  });
  await cloud.createPlacementGroup('asbb-hpc1-2', 'partition', own);
  const ids = await fake.launched();
  await cloud.tag(ids.slice(0, 1), { Name: 'aws-cpu-001', SlurmNode: 'aws-cpu-001' });
  await cloud.instances({ by: 'ids', ids });
  await cloud.instances({ by: 'intents', cluster: 'hpc1', intentIds: [7] });
  await cloud.instances({ by: 'cluster', cluster: 'hpc1' });
  await cloud.instances({ by: 'nodes', cluster: 'hpc1', nodes: ['aws-cpu-001'] });
  await cloud.launchTemplate('node', '', '$Latest');
  await cloud.launchTemplate('', TEMPLATE, '$Default');
  await cloud.subnets([SUBNET_A, SUBNET_B]);
  await cloud.offerings(['c5.large']);
  await cloud.instanceTypes(['c5.large']);
  await cloud.spotPrices(['c5.large'], ['us-east-1a'], 1_767_225_600, 1_767_229_200);
  const sirs = (await cloud.instances({ by: 'ids', ids })).map((i) => i.spotRequestId);
  await cloud.spotRequests(sirs.filter((id) => id !== ''));
  await cloud.placementGroups('hpc1');
  await cloud.terminate(ids);
  await cloud.deletePlacementGroup('asbb-hpc1-1');

  const forms = new Map<string, Set<string>>();
  for (const entry of await fake.journal()) {
    if (entry.kind === 'request') {
      const action = String(entry['action']);
      const names = Object.keys(entry['params'] as object);
      const form = forms.get(action) ?? new Set();
      forms.set(action, form);
      for (const name of names) {
        form.add(name.replace(/\.\d+(?=\.|$)/g, '.n'));
      }
    }
  }
  const requests = Object.fromEntries(
    [...forms].sort(([a], [b]) => (a < b ? -1 : 1)).map(([a, names]) => [a, [...names].sort()]),
  );
  await expect(`${JSON.stringify(requests, undefined, 2)}\n`).toMatchFileSnapshot(
    '../golden/fake-ec2/requests.json',
  );
  const refused = (await fake.journal()).filter(
    (entry) => entry.kind === 'response' && entry['code'] !== '',
  );
  expect(refused.map((entry) => entry['code'])).toEqual(['InvalidPlacementGroup.InUse']);
});
