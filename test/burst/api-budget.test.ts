import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import { ExclusiveLocks } from '../../src/adapters/sqlite/exclusive-lock.ts';
import { SharedLaunchBudget } from '../../src/adapters/system/shared-launch-budget.ts';
import { drawn, putBack } from '../../src/core/burst/api-budget.ts';
import { startSite } from './support/site.ts';

const BUCKET = { size: 1000, per_second: 1.6 };

describe('5.7: the shared API budget', () => {
  it('1,000 instances pass at once; the next such gang waits 625 s', () => {
    const first = drawn(undefined, BUCKET, 1000, 0);
    expect(first).toEqual({ level: { tokens: 0, atMs: 0 }, waitMs: 0 });
    expect(drawn(first.level, BUCKET, 1000, 0).waitMs).toBe(625_000);
    expect(drawn(first.level, BUCKET, 1000, 625_000).waitMs).toBe(0);
    expect(drawn(first.level, BUCKET, 16, 10_000)).toMatchObject({ waitMs: 0 });
  });

  it('what did not start is put back, never above the size; time never runs backwards', () => {
    const { level } = drawn(undefined, BUCKET, 600, 0);
    expect(putBack(level, BUCKET, 600, 0).tokens).toBe(1000);
    expect(putBack(level, BUCKET, 5000, 0).tokens).toBe(1000);
    expect(drawn(level, BUCKET, 401, -50_000).waitMs).toBeGreaterThan(0);
  });

  it('processes draw on one bucket, and a failed launch gives its tokens back', async () => {
    const root = mkdtempSync(join(tmpdir(), 'asbb-budget-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const site = await startSite();
    const { clock, settings } = site.ports;
    function processPorts() {
      const budget = new SharedLaunchBudget(root, new ExclusiveLocks(root), clock, {
        size: 4,
        per_second: 0.001,
      });
      return { ...site.otherPorts(), cloud: new Ec2Cloud(settings, budget) };
    }
    const one = processPorts();
    const two = processPorts();
    const step = {
      ...LAUNCH,
      overrides: [{ instanceType: 'c5.xlarge', subnetId: SUBNET, priority: 0 }],
    };
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    expect(await one.cloud.launch({ ...step, clientToken: 'a', count: 4 })).toMatchObject({
      kind: 'answered',
      instances: [],
    });
    await site.fake.capacity({ type: 'c5.xlarge', set: 100 });
    expect(await one.cloud.launch({ ...step, clientToken: 'b', count: 3 })).toMatchObject({
      kind: 'answered',
      instances: [{}, {}, {}],
    });
    const calls = (await site.fake.callsOf('CreateFleet')).length;
    expect(await two.cloud.launch({ ...step, clientToken: 'c', count: 2 })).toMatchObject({
      kind: 'refused',
      code: 'RequestLimitExceeded',
    });
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(calls);
    expect(await two.cloud.launch({ ...step, clientToken: 'd', count: 1 })).toMatchObject({
      kind: 'answered',
      instances: [{}],
    });
  });
});

const SUBNET = 'subnet-0a11ce00000000001';
const LAUNCH = {
  api: 'create-fleet',
  lifecycle: 'on-demand',
  allOrNothing: false,
  singleInstanceType: false,
  singleZone: false,
  launchTemplateId: 'lt-0a11ce00000000001',
  launchTemplateVersion: '1',
  allocationStrategy: 'prioritized',
  securityGroupIds: [],
  tags: { 'asbb:cluster': 'hpc1' },
} as const;
