import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import type { FaultRule } from './faults.ts';
import { call, client, IMAGE, SUBNET_A, SUBNET_B, WORLD } from './fixture.ts';

// Which rule of the fault script fires: fake-ec2.md section 8.

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

async function rule(action: string, what: FaultRule['do'], match: FaultRule['match'] = {}) {
  await fake.addFaults({ id: 'rule', match: { action, ...match }, do: what });
}

async function codes(n: number, action = 'DescribeInstances') {
  const seen: string[] = [];
  for (let i = 0; i < n; i += 1) {
    seen.push((await call(fake, action)).code);
  }
  return seen;
}
const error = { error: { code: 'X' } };

it('nth: a number or a list', async () => {
  await rule('DescribeInstances', error, { nth: [2, 4] });
  expect(await codes(5)).toEqual(['', 'X', '', 'X', '']);
});

it('every and max, with a wildcard', async () => {
  await rule('Describe*', error, { every: 2, max: 2 });
  expect(await codes(8)).toEqual(['', 'X', '', 'X', '', '', '', '']);
});

it('a window of virtual time', async () => {
  await rule('*', error, { from_s: 60, to_s: 120 });
  const seen = [...(await codes(1))];
  await fake.advance(60);
  seen.push(...(await codes(1)));
  await fake.advance(60);
  seen.push(...(await codes(1)));
  expect(seen).toEqual(['', 'X', '']);
});

it('where, on a parameter', async () => {
  await rule('DescribeSubnets', error, { where: { 'SubnetId.1': 'subnet-*a' } });
  function of(id: string) {
    return call(fake, 'DescribeSubnets', { 'SubnetId.1': id });
  }
  expect((await of(SUBNET_A)).code).toBe('X');
  expect((await of(SUBNET_B)).code).toBe('');
});

it('attempt: the first of the SDK only', async () => {
  await rule('RunInstances', { error: { code: 'InternalError' } }, { attempt: 1 });
  await client(fake, { maxAttempts: 2 }).send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      ImageId: IMAGE,
      InstanceType: 'c5.large',
      SubnetId: SUBNET_A,
    }),
  );
  expect(await fake.launched()).toHaveLength(1);
});

it('p is drawn from the seed: equal after a reset', async () => {
  async function half() {
    await rule('DescribeInstances', error, { p: 0.5 });
    const seen = await codes(40);
    await fake.reset();
    return seen;
  }
  const first = await half();
  expect(new Set(first)).toEqual(new Set(['', 'X']));
  expect(await half()).toEqual(first);
});

it('counts only what meets the other conditions, and the first rule wins', async () => {
  await fake.addFaults(
    { id: 'first', match: { action: 'DescribeImages', nth: 2 }, do: { error: { code: 'A' } } },
    { id: 'second', match: { action: '*', nth: 2 }, do: { error: { code: 'B' } } },
  );
  await codes(1);
  expect(await codes(2, 'DescribeImages')).toEqual(['B', 'A']);
  const fired = (await fake.faults()).map(({ id, matched, fired: n }) => [id, matched, n]);
  expect(fired).toEqual([
    ['first', 2, 1],
    ['second', 2, 1],
  ]);
});

it('tells when a rule never fired', async () => {
  await rule('RunInstances', error);
  await expect(fake.requireFaultsFired()).rejects.toThrow('rule');
});

it('refuses a rule that it does not understand', async () => {
  const typo = { id: 'x', match: { acton: 'Run*' }, do: {} } as unknown as FaultRule;
  await expect(fake.addFaults(typo)).rejects.toThrow('unknown key "acton"');
  const odd = { id: 'x', match: {}, do: { explode: true } } as unknown as FaultRule;
  await expect(fake.addFaults(odd)).rejects.toThrow('unknown key "explode"');
});
