import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { call, IMAGE, SUBNET_A, SUBNET_B, WORLD } from './fixture.ts';

// The control socket, what happens from outside, and state that outlives the process.

let fake: FakeEc2;
let dir = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fake-ec2-control-'));
  fake = await startFakeEc2(WORLD);
});

afterAll(async () => {
  await fake.stop();
  rmSync(dir, { recursive: true });
});

beforeEach(async () => {
  await fake.reset();
});

async function launch(
  count: number,
  more: Readonly<Record<string, string>> = {},
  on: FakeEc2 = fake,
): Promise<readonly string[]> {
  const before = (await on.launched()).length;
  await call(on, 'RunInstances', {
    MinCount: '1',
    MaxCount: String(count),
    ImageId: IMAGE,
    InstanceType: 'c5.large',
    SubnetId: SUBNET_A,
    ...more,
  });
  return (await on.launched()).slice(before);
}

const SPOT = { 'InstanceMarketOptions.MarketType': 'spot' };

describe('things that happen', () => {
  it('takes the newest spot instances when capacity falls below use', async () => {
    const ids = await launch(4, SPOT);
    await launch(2);
    await fake.capacity({
      type: 'c5.large',
      az: 'us-east-1a',
      market: 'spot',
      set: 1,
      reclaim: true,
    });
    await fake.advance(119);
    await fake.expect({ live: 6 });
    await fake.advance(2);
    expect(new Set(await fake.terminatedBy('spot-interruption'))).toEqual(new Set(ids.slice(1)));
    await fake.expect({ live: 3 });
  });

  it('shows a lower capacity without taking anything unless told to', async () => {
    await launch(4, SPOT);
    await fake.capacity({ type: 'c5.large', set: 0 });
    await fake.advance(600);
    await fake.expect({ live: 4 });
    expect(
      (
        await call(fake, 'RunInstances', {
          MinCount: '1',
          MaxCount: '1',
          ImageId: IMAGE,
          InstanceType: 'c5.large',
          SubnetId: SUBNET_A,
        })
      ).code,
    ).toBe('InsufficientInstanceCapacity');
  });

  it('frees capacity and addresses when an instance has ended, not before', async () => {
    await fake.capacity({ type: 'c5.large', set: 1 });
    const [id = ''] = await launch(1);
    async function free() {
      return (await fake.state()).subnets[0]?.free;
    }
    const all = await free();
    await call(fake, 'TerminateInstances', { 'InstanceId.1': id });
    expect(await launch(1)).toEqual([]);
    await fake.advance(31);
    expect(await free()).toBe((all ?? 0) + 1);
    expect(await launch(1)).toHaveLength(1);
  });

  it('lets a person and the node itself act', async () => {
    const [stopped = '', off = '', ended = '', failed = ''] = await launch(4);
    await fake.external({ fail: failed });
    await fake.advance(60);
    await fake.external({ stop: stopped });
    await fake.external({ poweroff: off });
    await fake.external({ terminate: ended });
    async function reason(id: string) {
      const { text } = await call(fake, 'DescribeInstances', { 'InstanceId.1': id });
      return /<stateReason><code>([^<]*)/.exec(text)?.[1];
    }
    expect(await reason(failed)).toBe('Server.InternalError');
    expect(await reason(stopped)).toBe('Client.UserInitiatedShutdown');
    expect(await reason(off)).toBe('Client.InstanceInitiatedShutdown');
    expect(await reason(ended)).toBe('Client.UserInitiatedShutdown');
    await fake.advance(60);
    const states = (await fake.state()).instances.map((i) => i.state);
    expect(states).toEqual(['stopped', 'terminated', 'terminated', 'terminated']);
  });

  it('starts instances that nobody of ours launched', async () => {
    const tags = { 'asbb:cluster': 'other', ManagedBy: 'asbb' };
    await fake.external({ launch: { type: 'c5.large', subnet: SUBNET_B, count: 2, tags } });
    expect((await fake.live()).map((i) => [i.az, i.tags])).toEqual([
      ['us-east-1b', tags],
      ['us-east-1b', tags],
    ]);
  });

  it('tells the price history by the clock, with the price in force at its start', async () => {
    await fake.advance(100);
    await fake.price('c5.large', 'us-east-1a', 400_000_000);
    await fake.advance(100);
    async function history(from: string) {
      const params = {
        'InstanceType.1': 'c5.large',
        AvailabilityZone: 'us-east-1a',
        StartTime: from,
      };
      const { text } = await call(fake, 'DescribeSpotPriceHistory', params);
      return [...text.matchAll(/<spotPrice>([^<]*)/g)].map((match) => match[1]);
    }
    expect(await history('2026-01-01T00:01:00Z')).toEqual(['0.040000', '0.033000']);
    expect(await history('2026-01-01T00:02:00Z')).toEqual(['0.040000']);
    expect(await history('2025-01-01T00:00:00Z')).toEqual(['0.040000', '0.033000']);
  });

  it('counts the most that lived at once', async () => {
    const ids = await launch(3);
    await fake.advance(100);
    await call(fake, 'TerminateInstances', { 'InstanceId.1': ids[0] ?? '' });
    await fake.advance(100);
    await launch(2);
    expect((await fake.maxLiveAt()).live).toBe(4);
  });

  it('answers an expectation by true or 409', async () => {
    await launch(1);
    await expect(fake.expect({ live: 1 })).resolves.toMatchObject({ live: 1, pending: 1 });
    await expect(fake.expect({ live: 0 })).rejects.toThrow('409');
  });

  it('refuses what it does not understand', async () => {
    await expect(fake.world({ colour: 'red' } as object)).rejects.toThrow('unknown key "colour"');
    await expect(fake.world({ life: { pendng_s: 1 } as object })).rejects.toThrow('life.pendng_s');
    await expect(fake.capacity({ type: 'none', set: 1 })).rejects.toThrow('no such pool');
    await expect(fake.interrupt('i-none')).rejects.toThrow('does not exist');
  });

  it('keeps the control socket to its owner', () => {
    expect(statSync(fake.socket).mode & 0o777).toBe(0o600);
  });
});

describe('state on disk', () => {
  it('goes on after a crash where the snapshot was taken', async () => {
    const first = await startFakeEc2(WORLD, { atEnd: onTestFinished });
    await first.addFaults({
      id: 'x',
      match: { action: 'RunInstances', nth: 2 },
      do: { fulfil: 0 },
    });
    const token = { ClientToken: 'again' };
    const [id = ''] = await launch(1, token, first);
    await first.advance(10);
    const path = join(dir, 'snapshot');
    await first.snapshot(path);
    await first.kill();

    const second = await startFakeEc2(WORLD, { restore: path, atEnd: onTestFinished });
    expect((await second.live()).map((i) => [i.id, i.state])).toEqual([[id, 'pending']]);
    expect(await second.launched()).toEqual([id]);
    // The token is known, the fault counter goes on, the events still come.
    expect(await launch(1, token, second)).toEqual([]);
    expect((await second.faults())[0]).toMatchObject({ id: 'x', matched: 2, fired: 1 });
    await second.advance(60);
    await second.expect({ running: 1 });
    const [other = ''] = await launch(1, {}, second);
    expect(other).not.toBe(id);
  });

  it('writes its state on SIGTERM, beside the journal', async () => {
    const journal = join(dir, 'journal.jsonl');
    const short = await startFakeEc2(WORLD, { journal });
    await launch(2, {}, short);
    await short.stop();
    const lines = readFileSync(journal, 'utf8').trim().split('\n');
    const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toEqual(['request', 'effect', 'effect', 'response']);
    const again = await startFakeEc2(WORLD, { restore: `${journal}.state`, atEnd: onTestFinished });
    expect(await again.launched()).toHaveLength(2);
  });

  it('begins anew on reset', async () => {
    await launch(2);
    await fake.advance(1000);
    await fake.reset();
    expect((await fake.state()).instances).toEqual([]);
    expect(await fake.journal()).toEqual([]);
    expect((await fake.clock()).next_event_us).toBeNull();
  });
});
