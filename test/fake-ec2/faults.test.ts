import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateFleetCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  type EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import type { FaultRule } from './faults.ts';
import { call, client, codeOf, runInput, SUBNET_A, SUBNET_B, TEMPLATE, WORLD } from './fixture.ts';

// The fault script: fake-ec2.md section 8.

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

function run(count = 1, sender: EC2Client = ec2) {
  return sender.send(new RunInstancesCommand(runInput({ MinCount: count, MaxCount: count })));
}

function fleet(count: number, more: object = {}) {
  return ec2.send(
    new CreateFleetCommand({
      Type: 'instant',
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '1' },
          Overrides: [{ SubnetId: SUBNET_A }, { SubnetId: SUBNET_B }],
        },
      ],
      TargetCapacitySpecification: { TotalTargetCapacity: count },
      ...more,
    }),
  );
}

/** The rule, which must have fired when the test ends. */
async function rule(action: string, what: FaultRule['do'], match: FaultRule['match'] = {}) {
  await fake.addFaults({ id: 'rule', match: { action, ...match }, do: what });
}

describe('a reply that gets lost', () => {
  it.each(['after', 'mid-body', 'headers'] as const)(
    'drop %s: the instance lives, and the repeat of the SDK is attempt 2 of one invocation',
    async (drop) => {
      await rule('RunInstances', { execute: true, drop }, { nth: 1 });
      const answer = await run(1, client(fake, { maxAttempts: 3 }));
      expect(await fake.launched()).toEqual(answer.Instances?.map((i) => i.InstanceId));
      const calls = await fake.callsOf('RunInstances');
      expect(calls.map((entry) => entry['attempt'])).toEqual([1, 2]);
      expect(new Set(calls.map((entry) => entry['invocation'])).size).toBe(1);
      expect(new Set(calls.map((entry) => entry['token'])).size).toBe(1);
      const [lost] = (await fake.journal()).filter((entry) => entry.kind === 'response');
      expect(lost?.['dropped']).toBe(drop);
      await fake.requireFaultsFired();
    },
  );

  it('drop before: nothing was done', async () => {
    await rule('RunInstances', { drop: 'before' });
    expect(await codeOf(run())).not.toBe('');
    expect(await fake.launched()).toEqual([]);
    await fake.requireFaultsFired();
  });

  it('drop after without a repeat: the instance lives although nobody heard of it', async () => {
    await rule('RunInstances', { drop: 'after' });
    expect(await codeOf(run())).not.toBe('');
    expect(await fake.live()).toHaveLength(1);
  });
});

describe('errors', () => {
  it('without side effect by default, with it on request', async () => {
    await fake.addFaults(
      {
        id: 'a',
        match: { action: 'RunInstances', nth: 1 },
        do: { error: { code: 'InternalError' } },
      },
      {
        id: 'b',
        match: { action: 'RunInstances', nth: 1 },
        do: { execute: true, error: { code: 'InternalError' } },
      },
    );
    expect(await codeOf(run())).toBe('InternalError');
    expect(await fake.launched()).toHaveLength(0);
    expect(await codeOf(run())).toBe('InternalError');
    expect(await fake.launched()).toHaveLength(1);
    await fake.requireFaultsFired();
  });

  it.each([
    ['ServiceUnavailable', 503],
    ['InternalError', 500],
    ['VolumeLimitExceeded', 400],
    ['NeverHeardOf', 400],
  ])('%s comes with %d unless the rule says otherwise', async (code, status) => {
    await rule('DescribeInstances', { error: { code } }, { nth: 1 });
    expect(await call(fake, 'DescribeInstances')).toMatchObject({ code, status });
    await fake.removeFaults('rule');
    await rule('DescribeInstances', { error: { code, status: 418 } });
    expect(await call(fake, 'DescribeInstances')).toMatchObject({ code, status: 418 });
  });

  it('a delay, then an error', async () => {
    // biome-ignore lint/suspicious/noThenProperty: the word of the fault script
    await rule('RunInstances', { delay_ms: 50, then: { error: { code: 'InternalError' } } });
    expect(await codeOf(run())).toBe('InternalError');
    expect(await fake.launched()).toEqual([]);
  });

  it('another status and Retry-After', async () => {
    await rule('DescribeInstances', { status: 503, retry_after: 7 });
    const answer = await call(fake, 'DescribeInstances');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
  });
});

describe('odd replies', () => {
  it('the reply of the call before, while this one is executed', async () => {
    const ids = (await run(2)).Instances?.map((i) => i.InstanceId ?? '') ?? [];
    await rule('TerminateInstances', { execute: true, replay_previous: true }, { nth: 2 });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(0, 1) }));
    const second = await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(1) }));
    expect(second.TerminatingInstances?.map((i) => i.InstanceId)).toEqual(ids.slice(0, 1));
    expect(await fake.live()).toEqual([]);
  });

  it('a termination that is answered but not done', async () => {
    const ids = (await run()).Instances?.map((i) => i.InstanceId ?? '') ?? [];
    await rule('TerminateInstances', { execute: false });
    const answer = await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
    expect(answer.TerminatingInstances?.[0]?.CurrentState?.Name).toBe('shutting-down');
    expect(await fake.live()).toHaveLength(1);
  });

  it('a launch that is answered but not done', async () => {
    await rule('*', { execute: false });
    const answer = await run();
    expect(answer.Instances).toHaveLength(1);
    expect((await fleet(2)).Instances?.[0]?.InstanceIds).toHaveLength(2);
    expect(await fake.launched()).toEqual([]);
    expect((await fake.state()).subnets.map((s) => s.free)[0]).toBe(16_379);
  });

  it.each(['html', 'empty', 'wrong-root', 'bad-utf8'] as const)('garbage: %s', async (garbage) => {
    await rule('DescribeInstances', { garbage });
    const response = await fetch(fake.url, {
      method: 'POST',
      headers: { authorization: 'x' },
      body: 'Action=DescribeInstances&Version=2016-11-15',
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const seen = {
      html: bytes.toString().includes('<!DOCTYPE html>'),
      empty: bytes.length === 0,
      'wrong-root': bytes.toString().includes('<Surprise>'),
      'bad-utf8': bytes.includes(0xff),
    };
    expect(Object.entries(seen).filter(([, is]) => is)).toEqual([[garbage, true]]);
  });

  it('a body that is cut, with the right length', async () => {
    await rule('DescribeInstances', { truncate: 40 });
    expect((await call(fake, 'DescribeInstances')).text).toHaveLength(40);
  });
});

describe('eventual consistency of the instances of one call', () => {
  async function describeAll(filters?: { Name: string; Values: string[] }[]) {
    return (
      (await ec2.send(new DescribeInstancesCommand({ Filters: filters }))).Reservations?.flatMap(
        (r) => r.Instances ?? [],
      ) ?? []
    );
  }

  it('invisible for a while, by id and by filter', async () => {
    await rule('RunInstances', { invisible_s: 30 });
    const id = (await run()).Instances?.[0]?.InstanceId ?? '';
    function byId() {
      return codeOf(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })));
    }
    expect(await byId()).toBe('InvalidInstanceID.NotFound');
    expect(await describeAll()).toEqual([]);
    expect((await fake.live()).map((i) => i.id)).toEqual([id]);
    await fake.advance(30);
    expect(await byId()).toBe('');
    expect(await describeAll()).toHaveLength(1);
  });

  it('tags late, those of the launch and later ones', async () => {
    await rule('CreateFleet', { tags_late_s: 10 });
    await fleet(1, {
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'job', Value: '1' }] }],
    });
    const [id = ''] = await fake.launched();
    function byTag(value: string) {
      return describeAll([{ Name: 'tag:job', Values: [value] }]);
    }
    expect(await byTag('1')).toEqual([]);
    await fake.advance(10);
    expect(await byTag('1')).toHaveLength(1);
    const tag = new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'job', Value: '2' }] });
    await ec2.send(tag);
    expect([(await byTag('1')).length, (await byTag('2')).length]).toEqual([1, 0]);
    await fake.advance(10);
    expect([(await byTag('1')).length, (await byTag('2')).length]).toEqual([0, 1]);
  });

  it('states as they were a while ago', async () => {
    await rule('RunInstances', { stale_s: 20 });
    const id = (await run()).Instances?.[0]?.InstanceId ?? '';
    await fake.advance(100);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect((await describeAll())[0]?.State?.Name).toBe('running');
    await fake.advance(20);
    expect((await describeAll())[0]?.State?.Name).toBe('shutting-down');
  });

  it('stuck in pending, and dead in pending', async () => {
    await rule('RunInstances', { pending_s: 1200, launch_fails: 1 });
    await run(2);
    await fake.advance(1199);
    await fake.expect({ pending: 2 });
    await fake.advance(2);
    await fake.expect({ running: 1, terminated: 1 });
    expect(await fake.terminatedBy('launch-failure')).toHaveLength(1);
    expect(new Set((await fake.bill()).lines.map((line) => line.instance)).size).toBe(1);
  });
});

describe('pages in disorder', () => {
  function page(token?: string) {
    return ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: token }));
  }
  async function all(): Promise<{ sizes: number[]; seen: string[] }> {
    const sizes: number[] = [];
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const answer = await page(token);
      const ids = (answer.Reservations ?? []).flatMap((r) => r.Instances ?? []);
      sizes.push(ids.length);
      seen.push(...ids.map((i) => i.InstanceId ?? ''));
      token = answer.NextToken;
    } while (token !== undefined);
    return { sizes, seen };
  }

  it('short and empty pages with a token behind them', async () => {
    await run(12);
    await fake.addFaults(
      { id: 'empty', match: { action: 'DescribeInstances', nth: 2 }, do: { page_size: 0 } },
      { id: 'short', match: { action: 'DescribeInstances', nth: 2 }, do: { page_size: 2 } },
    );
    const { sizes, seen } = await all();
    expect(sizes).toEqual([5, 0, 2, 5]);
    expect(seen).toEqual(await fake.launched());
  });

  it('a page twice', async () => {
    await run(8);
    await rule('DescribeInstances', { repeat_page: true }, { nth: 1 });
    const { sizes, seen } = await all();
    expect(sizes).toEqual([5, 5, 3]);
    expect(new Set(seen)).toEqual(new Set(await fake.launched()));
  });

  it('out of order within a page', async () => {
    await run(20);
    await rule('DescribeInstances', { shuffle: true });
    const answer = await ec2.send(new DescribeInstancesCommand({}));
    const seen = (answer.Reservations ?? []).flatMap((r) => r.Instances ?? []);
    const ids = seen.map((i) => i.InstanceId);
    const launched = await fake.launched();
    expect(ids).not.toEqual(launched);
    expect(ids.toSorted()).toEqual([...launched].sort());
  });
});

describe('capacity by rule', () => {
  it('holds only in its window', async () => {
    await rule('CreateFleet', { capacity: [{ az: 'us-east-1a', set: 0 }] }, { nth: 1 });
    const first = await fleet(2);
    expect(first.Errors?.map((e) => e.ErrorCode)).toEqual(['InsufficientInstanceCapacity']);
    expect((await fake.live()).map((i) => i.az)).toEqual(['us-east-1b', 'us-east-1b']);
    expect((await fleet(2)).Errors).toEqual([]);
  });

  it('fulfil: so many and no more', async () => {
    await rule('CreateFleet', { fulfil: 3, pool_error: 'InsufficientHostCapacity' });
    const answer = await fleet(5);
    expect(await fake.launched()).toHaveLength(3);
    expect(new Set(answer.Errors?.map((e) => e.ErrorCode))).toEqual(
      new Set(['InsufficientHostCapacity']),
    );
  });

  it('pool_error alone: an error beside a complete fill', async () => {
    await rule('CreateFleet', { pool_error: 'InsufficientInstanceCapacity' });
    const answer = await fleet(5);
    expect(await fake.launched()).toHaveLength(5);
    expect(answer.Errors).toHaveLength(1);
  });

  it('RunInstances below MinCount fails with the error of the rule', async () => {
    await rule('RunInstances', { fulfil: 1, pool_error: 'InsufficientReservedInstanceCapacity' });
    expect(await codeOf(run(2))).toBe('InsufficientReservedInstanceCapacity');
  });
});

describe('programs', () => {
  it('runs one before or after the execution, with the pid of the caller', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'fake-ec2-exec-'));
    function script(name: string) {
      return ['/bin/sh', '-c', `echo "$1" > "$2"`, 'sh', '{client_pid}', join(dir, name)] as const;
    }
    await rule('RunInstances', { exec: { before: script('before'), after: script('after') } });
    await run();
    const texts = ['before', 'after'].map((name) => readFileSync(join(dir, name), 'utf8').trim());
    expect(texts).toEqual([String(process.pid), String(process.pid)]);
    expect(existsSync(join(dir, 'before'))).toBe(true);
    rmSync(dir, { recursive: true });
  });
});
