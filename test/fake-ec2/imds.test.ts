import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { call, IMAGE, SUBNET_A, WORLD } from './fixture.ts';

// Instance metadata: fake-ec2.md section 9.

let fake: FakeEc2;
let id = '';

beforeAll(async () => {
  fake = await startFakeEc2(WORLD);
});

afterAll(async () => {
  await fake.stop();
});

beforeEach(async () => {
  await fake.reset();
  await call(fake, 'RunInstances', {
    MinCount: '1',
    MaxCount: '1',
    ImageId: IMAGE,
    InstanceType: 'c5.large',
    SubnetId: SUBNET_A,
    'InstanceMarketOptions.MarketType': 'spot',
  });
  id = (await fake.launched())[0] ?? '';
});

function url(path: string): string {
  return `${fake.url}/imds/${id}/latest/${path}`;
}

async function token(seconds = 60): Promise<string> {
  const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': String(seconds) };
  return await (await fetch(url('api/token'), { method: 'PUT', headers })).text();
}

async function get(path: string, using: string): Promise<string | number> {
  const headers = { 'X-aws-ec2-metadata-token': using };
  const response = await fetch(url(`meta-data/${path}`), { headers });
  return response.status === 200 ? await response.text() : response.status;
}

it('wants a token, and only a living one of this instance', async () => {
  const mine = await token();
  expect(await get('instance-id', mine)).toBe(id);
  expect(await get('instance-id', '')).toBe(401);
  expect(await get('instance-id', 'made-up')).toBe(401);
  await fake.advance(61);
  expect(await get('instance-id', mine)).toBe(401);
  const noTtl = await fetch(url('api/token'), { method: 'PUT' });
  expect(noTtl.status).toBe(400);
});

it('tells what it is and what it is called', async () => {
  const mine = await token();
  expect(await get('instance-type', mine)).toBe('c5.large');
  expect(await get('placement/availability-zone', mine)).toBe('us-east-1a');
  expect(await get('tags/instance/SlurmNode', mine)).toBe(404);
  await call(fake, 'CreateTags', {
    'ResourceId.1': id,
    'Tag.1.Key': 'SlurmNode',
    'Tag.1.Value': 'aws-cpu-001',
  });
  expect(await get('tags/instance/SlurmNode', mine)).toBe('aws-cpu-001');
});

it('announces an interruption two minutes before, and a rebalance earlier', async () => {
  const mine = await token(21_600);
  await fake.advance(60);
  expect(await get('spot/instance-action', mine)).toBe(404);
  expect(await get('events/recommendations/rebalance', mine)).toBe(404);
  await fake.external({ rebalance: id });
  await fake.interrupt(id);
  const rebalance = await get('events/recommendations/rebalance', mine);
  const action = await get('spot/instance-action', mine);
  expect(JSON.parse(String(rebalance))).toEqual({ noticeTime: '2026-01-01T00:01:00Z' });
  expect(JSON.parse(String(action))).toEqual({ action: 'terminate', time: '2026-01-01T00:03:00Z' });
  await fake.advance(119);
  await fake.expect({ live: 1 });
  await fake.advance(1);
  await fake.expect({ live: 0 });
});

it('gives a node no rights', async () => {
  expect(await get('iam/security-credentials/', await token())).toBe(404);
});

it('is gone with the instance', async () => {
  const mine = await token(21_600);
  await call(fake, 'TerminateInstances', { 'InstanceId.1': id });
  await fake.advance(600);
  expect(await get('instance-id', mine)).toBe(404);
});
