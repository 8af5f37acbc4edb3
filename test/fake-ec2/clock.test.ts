import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { call, IMAGE, SUBNET_A, WORLD } from './fixture.ts';

// Clock modes and clock files: fake-ec2.md section 7.

const EPOCH_US = Date.parse('2026-01-01T00:00:00Z') * 1000;
const LAUNCH = { MinCount: '1', MaxCount: '1', ImageId: IMAGE, InstanceType: 'c5.large' };

let dir = '';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fake-ec2-clock-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

function start(
  world: Parameters<typeof startFakeEc2>[0],
  options: Parameters<typeof startFakeEc2>[1] = {},
): Promise<FakeEc2> {
  return startFakeEc2(world, { ...options, atEnd: onTestFinished });
}

async function launch(fake: FakeEc2): Promise<string> {
  await call(fake, 'RunInstances', { ...LAUNCH, SubnetId: SUBNET_A });
  return (await fake.launched()).at(-1) ?? '';
}

function readUs(path: string): number {
  return Number(readFileSync(path, 'utf8'));
}

describe('manual', () => {
  it('moves only when told, through what is due, and never back', async () => {
    const fake = await start(WORLD);
    expect(await fake.clock()).toEqual({ now_us: EPOCH_US, next_event_us: null });
    const id = await launch(fake);
    const due = (await fake.clock()).next_event_us ?? 0;
    expect(due).toBeGreaterThanOrEqual(EPOCH_US + 20e6);
    expect(due).toBeLessThanOrEqual(EPOCH_US + 45e6);
    await fake.advanceTo(due - 1);
    expect((await fake.live())[0]?.state).toBe('pending');
    await fake.advanceTo(due);
    expect((await fake.live())[0]).toMatchObject({ id, state: 'running', running_us: due });
    expect((await fake.clock()).next_event_us).toBeNull();
    await expect(fake.advanceTo(due - 1)).rejects.toThrow('never goes back');
    await expect(fake.advance(-1)).rejects.toThrow('never goes back');
  });

  it('writes the clock file at every step and nothing in between', async () => {
    const clockFile = join(dir, 'manual');
    const faketimerc = join(dir, 'faketimerc');
    const fake = await start(WORLD, { clockFile, faketimerc });
    expect(readUs(clockFile)).toBe(EPOCH_US);
    await fake.advance(3661.25);
    expect(readUs(clockFile)).toBe(EPOCH_US + 3_661_250_000);
    expect(readFileSync(faketimerc, 'utf8')).toBe('2026-01-01 01:01:01.250000\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(readUs(clockFile)).toBe(EPOCH_US + 3_661_250_000);
  });

  it('shows programs the instant of their event', async () => {
    const clockFile = join(dir, 'boot');
    const boot = { running: ['/bin/cat', clockFile], gone: null, node_tag: 'Name' };
    const fake = await start({ ...WORLD, boot }, { clockFile });
    const id = await launch(fake);
    await call(fake, 'CreateTags', {
      'ResourceId.1': id,
      'Tag.1.Key': 'Name',
      'Tag.1.Value': 'node-1',
    });
    await fake.advance(3600);
    const ended = (await fake.journal()).find((entry) => entry['event'] === 'boot_ended');
    const [instance] = (await fake.state()).instances;
    expect(Number(ended?.['stdout'])).toBe(instance?.running_us);
  });
});

describe('scaled', () => {
  it('runs by its factor, fires what is due by itself, and keeps the file up to date', async () => {
    const clockFile = join(dir, 'scaled');
    const world = { ...WORLD, clock: { mode: 'scaled', factor: 1000 } } as const;
    const fake = await start(world, { clockFile });
    await launch(fake);
    await fake.expect({ running: 1, within_s: 600 });
    const before = (await fake.clock()).now_us;
    const file = readUs(clockFile);
    // A second or so of real time may lie between the two readings.
    expect(Math.abs(file - before)).toBeLessThan(10_000e6);
    await expect(fake.advance(1)).rejects.toThrow('not in manual mode');
    await expect(fake.expect({ live: 7, within_s: 20 })).rejects.toThrow('409');
    expect((await fake.clock()).now_us).toBeGreaterThanOrEqual(before + 20e6);
    expect(readUs(clockFile)).toBeGreaterThan(file);
  });
});

describe('real', () => {
  it('is the time of this machine, whatever the epoch says', async () => {
    const fake = await start({ ...WORLD, clock: { mode: 'real' } });
    const before = Date.now();
    const { now_us: now } = await fake.clock();
    const after = Date.now();
    // The fake counts on by the monotonic clock: a slow drift of a few milliseconds is none of ours.
    expect(now / 1000).toBeGreaterThan(before - 1000);
    expect(now / 1000).toBeLessThan(after + 1000);
  });
});
